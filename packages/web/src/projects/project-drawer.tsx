// Registers a project, or says anew where it comes from. The server reads it before it is saved.

import { credentialRoutes, type ProjectView, projectRoutes } from '@omserver/api'
import { Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { errorMessage, isCode, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ErrorNotice, Field, FormDrawer, toast, useUnsaved } from '../ui/index.ts'

type Kind = ProjectView['kind']
const kinds: readonly Kind[] = ['git', 'folder']

interface ProjectDrawerProps {
  readonly project: ProjectView | undefined
  readonly onClose: () => void
}

export const ProjectDrawer = ({ project, onClose }: ProjectDrawerProps) => {
  const { t, lang } = useTexts()
  const [kind, setKind] = useState<Kind>(project?.kind ?? 'git')
  const [name, setName] = useState(project?.name ?? '')
  const [path, setPath] = useState(project?.path ?? '')
  const [url, setUrl] = useState(project?.url ?? '')
  const [ref, setRef] = useState(project?.ref ?? '')
  const [credential, setCredential] = useState(project?.credential ?? '')
  const reads = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: reads && kind === 'git' })
  const now = JSON.stringify([kind, name, path, url, ref, credential])
  const [initial] = useState(now)
  const unsaved = useUnsaved(now !== initial, ['edit'])
  const add = useChange(projectRoutes.add, ['projects.'])
  const change = useChange(projectRoutes.change, ['projects.'])
  const error = add.error ?? change.error
  const says = (...codes: readonly string[]) =>
    isCode(error, ...codes) ? errorMessage(error, lang).text : undefined
  const nameWrong = says('PROJECT_EXISTS')
  const pathWrong = says('PROJECT_PATH_BAD')
  const urlWrong = says('PROJECT_URL_BAD', 'PROJECT_UNREACHABLE')
  const refWrong = says('PROJECT_REF_UNKNOWN')
  const shown = nameWrong ?? pathWrong ?? urlWrong ?? refWrong
  const busy = add.isPending || change.isPending
  const ready = name.trim() !== '' && (kind === 'folder' ? path : url).trim() !== ''

  const save = () => {
    if (!ready || busy) return
    const onSuccess = (saved: ProjectView) => {
      const playbooks = t('projects.countPlaybooks', { count: saved.playbooks.length })
      toast.success(t('projects.saved', { name: saved.name, playbooks }))
      unsaved.saved(onClose)
    }
    const given = (text: string) => (text.trim() === '' ? undefined : text.trim())
    if (project === undefined) {
      const place =
        kind === 'folder'
          ? { path: path.trim() }
          : { url: url.trim(), ref: given(ref), credential: given(credential) }
      add.mutate({ body: { name: name.trim(), ...place } }, { onSuccess })
      return
    }
    const place =
      kind === 'folder'
        ? { path: path.trim() }
        : { url: url.trim(), ref: given(ref) ?? null, credential: given(credential) ?? null }
    change.mutate({ params: { id: project.id }, body: place }, { onSuccess })
  }

  return (
    <FormDrawer
      title={
        project === undefined ? t('projects.add') : t('projects.change', { name: project.name })
      }
      unsaved={unsaved}
      ready={ready}
      busy={busy}
      onSave={save}
      onClose={onClose}
    >
      {project === undefined ? (
        <Field label={t('projects.name')} required help={t('projects.nameHelp')} error={nameWrong}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
      ) : null}
      <Field label={t('projects.kind')}>
        {(control) => (
          <div>
            <Segmented<Kind>
              {...control}
              aria-label={t('projects.kind')}
              value={kind}
              options={kinds.map((value) => ({ value, label: t(`projects.kinds.${value}`) }))}
              onChange={(next) => setKind(next)}
            />
          </div>
        )}
      </Field>
      {kind === 'folder' ? (
        <Field label={t('projects.path')} required help={t('projects.pathHelp')} error={pathWrong}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              spellCheck={false}
              placeholder="/srv/playbooks"
              value={path}
              onChange={({ target }) => setPath(target.value)}
            />
          )}
        </Field>
      ) : (
        <>
          <Field label={t('projects.url')} required help={t('projects.urlHelp')} error={urlWrong}>
            {(control) => (
              <Input
                {...control}
                className="om-code"
                spellCheck={false}
                placeholder="https://git.example.com/ops/playbooks.git"
                value={url}
                onChange={({ target }) => setUrl(target.value)}
              />
            )}
          </Field>
          <Field label={t('projects.ref')} help={t('projects.refHelp')} error={refWrong}>
            {(control) => (
              <Input
                {...control}
                className="om-code"
                spellCheck={false}
                placeholder="main"
                value={ref}
                onChange={({ target }) => setRef(target.value)}
              />
            )}
          </Field>
          <Field label={t('projects.credential')} help={t('projects.credentialHelp')}>
            {(control) => (
              <Select
                {...control}
                style={{ width: '100%' }}
                showSearch
                allowClear
                placeholder={t('projects.noCredential')}
                value={credential === '' ? null : credential}
                options={(credentials.data?.items ?? []).map((one) => ({
                  value: one.name,
                  label: one.name,
                }))}
                onChange={(next: string | null) => setCredential(next ?? '')}
              />
            )}
          </Field>
        </>
      )}
      {shown === undefined ? <ErrorNotice error={error} /> : null}
    </FormDrawer>
  )
}
