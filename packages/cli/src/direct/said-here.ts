// What a controller refuses is no mistake in the command: the exit code tells the two apart, as with the server.

import { errorEntry, errorText } from '@omserver/api'
import { Problem } from '@omserver/core'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { lang } from '../lang.ts'

/** Wrong input; everything else is a no, or nobody there. */
const inputStatuses = new Set([400, 404])

export const saidHere = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const isInput = inputStatuses.has(errorEntry(error.code)?.status ?? 500)
    throw new ExitError(
      isInput ? EXIT_USAGE : EXIT_SERVER,
      `${errorText(error.code, error.details)[lang]} (${error.code})`,
    )
  }
}
