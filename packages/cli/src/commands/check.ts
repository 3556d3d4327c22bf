// `om hosts check`: connectivity of a selection, failures grouped by reason with what to do about each.

import { trustRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { follow } from '../follow.ts'

export const check = async (
  selector: string,
  options: { readonly json?: boolean },
): Promise<void> => {
  const client = await connect()
  const run = await client.call(trustRoutes.check, { body: { selector } })
  process.exitCode = await follow(client, run, options)
}
