// What a run has collected from its hosts, to be downloaded as one archive.

import { fetchedRoutes } from '@omserver/api'
import { Button } from 'antd'
import { client, useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton } from '../ui/index.ts'

const LOOK_MS = 3_000

export const FetchedFiles = (props: { readonly runId: string; readonly ended: boolean }) => {
  const { t, number } = useTexts()
  const may = useMay('file.read')
  const params = { id: props.runId }
  const every = props.ended ? {} : { every: LOOK_MS }
  const count = useAnswer(fetchedRoutes.files, { params }, every).data?.items.length ?? 0
  if (count === 0) return null
  const label = t('runs.fetched', { count, files: number(count) })
  if (!may.allowed) return <ActionButton blocked={may.why}>{label}</ActionButton>
  return (
    <Button type="primary" download href={client.url(fetchedRoutes.archive, { params })}>
      {label}
    </Button>
  )
}
