// One upload at a time: what is under way, how far it is, and what became of it.

import { fileRoutes } from '@omserver/api'
import { useState } from 'react'
import { client, refresh } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { toast } from '../ui/index.ts'
import { tellingFetch } from './telling-fetch.ts'

interface UnderWay {
  readonly name: string
  readonly total: number
  readonly sent: number
  readonly stop: () => void
}

export const useUpload = () => {
  const { t } = useTexts()
  const [now, setNow] = useState<UnderWay>()
  const [error, setError] = useState<unknown>(null)

  /** Under the name of the file when there is no other. */
  const upload = async (file: File, name = file.name) => {
    const stopping = new AbortController()
    const stop = () => stopping.abort()
    setError(null)
    setNow({ name, total: file.size, sent: 0, stop })
    try {
      const stored = await client.upload(
        fileRoutes.put,
        { params: { name }, query: {}, signal: stopping.signal },
        file,
        tellingFetch((sent) => setNow({ name, total: file.size, sent, stop })),
      )
      toast.success(t('files.saved', { name, version: stored.version }))
      await refresh('files.')
    } catch (failed) {
      if (!stopping.signal.aborted) setError(failed)
    } finally {
      setNow(undefined)
    }
  }
  return { now, error, upload }
}
