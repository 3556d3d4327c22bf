// Many hosts at once, from a file or a pasted list: first shown what would happen, then done.

import { hostRoutes } from '@omserver/api'
import type { UnknownChoice } from '@omserver/core'
import { Button, Drawer, Input, Segmented } from 'antd'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ActionButton, ErrorNotice, Field, numberProblem, toast, useUnsaved } from '../ui/index.ts'
import { base64OfFile, base64OfText } from './file-bytes.ts'
import { ImportDefaults, type ImportDefaultsValue } from './import-defaults.tsx'
import style from './import-drawer.module.css'
import { ImportPreviewTable } from './import-preview.tsx'
import { ImportRemarks } from './import-remarks.tsx'
import { portLimits } from './port-limits.ts'

const FILE_MAX = 10 * 1024 * 1024
const SETTLE_MS = 400

interface Source {
  readonly content: string
  readonly fileName?: string
  readonly format?: 'list'
}

const example = `hosts:
  - { name: web-1, address: 10.0.0.11, credential: lab, labels: { idc: sz, app: nginx } }`

interface ImportDrawerProps {
  /** In the address, so that a link can open the pasted list. */
  readonly way: 'file' | 'list'
  readonly onWay: (way: 'file' | 'list') => void
  readonly onClose: () => void
}

export const ImportDrawer = ({ way, onWay, onClose }: ImportDrawerProps) => {
  const { t } = useTexts()
  const [list, setList] = useState('')
  const [source, setSource] = useState<Source | undefined>()
  const [defaults, setDefaults] = useState<ImportDefaultsValue>({})
  /** What becomes of columns that mean nothing here, as far as somebody said so. */
  const [columns, setColumns] = useState<Readonly<Record<string, UnknownChoice>>>({})
  const [tooLarge, setTooLarge] = useState(false)
  const [over, setOver] = useState(false)
  const unsaved = useUnsaved(list.trim() !== '', ['open'])
  const leave = () => unsaved.leave(onClose)
  const picker = useRef<HTMLInputElement>(null)
  const portBad = numberProblem(defaults.port, portLimits) !== undefined
  const preview = useChange(hostRoutes.previewImport)
  const run = useChange(hostRoutes.import, ['hosts.', 'groups.'])
  const show = preview.mutate
  const forget = preview.reset

  useEffect(() => {
    if (source === undefined || portBad) return
    const timer = setTimeout(() => show({ body: { ...source, defaults, columns } }), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [source, defaults, columns, portBad, show])

  useEffect(() => {
    if (way !== 'list') return
    let current = true
    if (list.trim() === '') {
      setSource(undefined)
      forget()
      return
    }
    void base64OfText(list).then((content) => {
      if (current) setSource({ content, format: 'list' })
    })
    return () => {
      current = false
    }
  }, [way, list, forget])

  const take = async (file: File | undefined) => {
    if (file === undefined) return
    setTooLarge(file.size > FILE_MAX)
    if (file.size > FILE_MAX) return
    setColumns({})
    setSource({ content: await base64OfFile(file), fileName: file.name })
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  const seen = source === undefined ? undefined : preview.data
  const changing = (seen?.add ?? 0) + (seen?.update ?? 0)
  const why = (): string | undefined => {
    if (portBad) return t('hosts.portBad')
    if (source === undefined) return t(way === 'file' ? 'hosts.importChoose' : 'hosts.importPaste')
    if (seen === undefined || preview.isPending) return t('ui.loading')
    if (seen.problems.length > 0) return t('hosts.importBlocked', { count: seen.problems.length })
    return changing === 0 ? t('hosts.importNothing') : undefined
  }
  const save = () => {
    if (source === undefined) return
    run.mutate(
      { body: { ...source, defaults, columns } },
      {
        onSuccess: (done) => {
          toast.success(t('hosts.imported', { added: done.added, updated: done.updated }))
          unsaved.saved(onClose)
        },
      },
    )
  }
  return (
    <Drawer
      open
      size={760}
      title={t('hosts.importTitle')}
      onClose={leave}
      footer={
        <div className="om-row">
          <ActionButton
            type="primary"
            blocked={why()}
            inSight
            loading={run.isPending}
            onClick={save}
          >
            {seen === undefined || changing === 0
              ? t('hosts.import')
              : t('hosts.importNow', { add: seen.add, update: seen.update })}
          </ActionButton>
          <Button onClick={leave}>{t('ui.cancel')}</Button>
        </div>
      }
    >
      <div className="om-stack">
        <Segmented<'file' | 'list'>
          aria-label={t('hosts.importFrom')}
          value={way}
          options={[
            { value: 'file', label: t('hosts.importFile') },
            { value: 'list', label: t('hosts.importList') },
          ]}
          onChange={(next) => {
            onWay(next)
            setSource(undefined)
            preview.reset()
          }}
        />
        {way === 'file' ? (
          <button
            type="button"
            className={over ? `${style.drop} ${style.over}` : style.drop}
            onClick={() => picker.current?.click()}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
          >
            <strong>{source?.fileName ?? t('hosts.dropHere')}</strong>
            <span className="om-soft">{t('hosts.dropFormats')}</span>
            {source === undefined ? <code className={style.example}>{example}</code> : null}
          </button>
        ) : (
          <Field label={t('hosts.listLabel')} help={t('hosts.listHelp')}>
            {(control) => (
              <Input.TextArea
                {...control}
                className="om-code"
                autoSize={{ minRows: 6, maxRows: 14 }}
                spellCheck={false}
                placeholder={'10.0.0.11\n10.0.0.12\tweb-2\n10.0.1.0/28'}
                value={list}
                onChange={({ target }) => setList(target.value)}
              />
            )}
          </Field>
        )}
        <input
          ref={picker}
          type="file"
          hidden
          aria-label={t('hosts.dropHere')}
          accept=".yaml,.yml,.csv,.tsv,.txt,.ini,.inventory,text/*"
          onChange={({ target }) => {
            void take(target.files?.[0])
            target.value = ''
          }}
        />
        {tooLarge ? <div className="om-danger">{t('hosts.fileTooLarge')}</div> : null}
        <ImportDefaults value={defaults} onChange={setDefaults} />
        <ErrorNotice error={preview.error ?? run.error} />
        {seen === undefined ? null : (
          <ImportRemarks
            preview={seen}
            onChoose={(column, choice) => setColumns((old) => ({ ...old, [column]: choice }))}
          />
        )}
        {seen === undefined ? null : <ImportPreviewTable preview={seen} />}
      </div>
      {unsaved.question}
    </Drawer>
  )
}
