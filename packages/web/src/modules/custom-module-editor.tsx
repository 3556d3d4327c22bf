// Making a module: texts, form, script, how it runs, a try on one host; then versions, of which one is published.

import { type CustomInput, type CustomView, moduleRoutes } from '@omserver/api'
import { Alert, Button, Input, Popconfirm, Space, Tabs, Tag } from 'antd'
import { useState } from 'react'
import { client, refresh, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, Notice, toast, useUnsaved } from '../ui/index.ts'
import { draftProblems, type ProblemSays } from './draft-problems.ts'
import { FieldBuilder } from './field-builder.tsx'
import { type FormValues, ModuleForm } from './module-form.tsx'
import { ModuleTexts } from './module-texts.tsx'
import style from './modules.module.css'
import { RunningEditor } from './running-editor.tsx'
import { ScriptEditor } from './script-editor.tsx'
import { type EditorTab, editorTabs } from './search.ts'
import { TryPanel } from './try-panel.tsx'
import { VersionList } from './version-list.tsx'

interface Props {
  readonly module: CustomView | undefined
  readonly initial: CustomInput
  readonly tab: EditorTab
  readonly onTab: (tab: EditorTab) => void
  readonly onClose: () => void
  readonly onSaved: (saved: CustomView) => void
}

export const CustomModuleEditor = ({ module, initial, tab, onTab, onClose, onSaved }: Props) => {
  const { t } = useTexts()
  const write = useMay('module.write')
  const [draft, setDraft] = useState(initial)
  /** What the draft began as: a save is refused when somebody else has saved since. */
  const [base, setBase] = useState({ version: module?.draftVersion ?? 0, content: initial })
  const [note, setNote] = useState('')
  const [values, setValues] = useState<FormValues>({})
  const [saving, setSaving] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const publishing = useChange(moduleRoutes.publishCustom, ['modules.', 'customModules.'])
  const remove = useChange(moduleRoutes.removeCustom, ['modules.', 'customModules.'])
  const set = (part: Partial<CustomInput>) => {
    // What was refused has changed: the refusal is no longer about what stands here.
    setError(null)
    setDraft({ ...draft, ...part })
  }
  const dirty = JSON.stringify(draft) !== JSON.stringify(base.content)
  const overtaken = module !== undefined && module.draftVersion > base.version

  const unsaved = useUnsaved(dirty, ['id'])
  /** Once somebody wanted to save: what is missing is told as well, not only what is wrong. */
  const [wanted, setWanted] = useState(false)
  const problems = draftProblems(draft)
  const told = problems.filter(({ missing = false }) => wanted || !missing)
  const says: ProblemSays = (at, part, index) => {
    const found = told.find((one) => one.tab === at && one.part === part && one.index === index)
    return found === undefined ? undefined : t(`maker.bad.${found.code}`)
  }

  const save = async () => {
    const [first] = problems
    setWanted(first !== undefined)
    if (first !== undefined) {
      setError(null)
      // Where it is to be put right; whoever is there already keeps their place.
      if (!problems.some((one) => one.tab === tab)) onTab(first.tab)
      return
    }
    setSaving(true)
    setError(null)
    try {
      const saved =
        module === undefined
          ? await client.call(moduleRoutes.addCustom, { body: draft })
          : await client.call(moduleRoutes.saveCustom, {
              params: { id: module.id },
              body: { ...draft, note, basedOn: base.version },
            })
      // What was written in one language stands in for the other; what was typed meanwhile stays.
      setBase({ version: saved.draftVersion, content: saved.draft })
      setDraft((now) => (now === draft ? saved.draft : now))
      setNote('')
      await refresh('customModules.')
      toast.success(t('maker.saved', { version: saved.draftVersion }))
      unsaved.saved(() => onSaved(saved))
    } catch (failed) {
      setError(failed)
      await refresh('customModules.')
    } finally {
      setSaving(false)
    }
  }
  const publish = (version: number) => {
    if (module === undefined) return
    setError(null)
    publishing.mutate({ params: { id: module.id }, body: { version } }, { onError: setError })
  }
  const takeTheirs = () => {
    if (module === undefined) return
    setDraft(module.draft)
    setBase({ version: module.draftVersion, content: module.draft })
    setError(null)
  }
  const labels: Readonly<Record<EditorTab, string>> = {
    what: t('maker.tabWhat'),
    form: t('maker.tabForm', { count: draft.fields.length }),
    script: t('maker.tabScript'),
    running: t('maker.tabRunning'),
    try: t('maker.tabTry'),
    versions: t('maker.tabVersions', { count: module?.versions.length ?? 0 }),
  }
  const pages: Readonly<Record<EditorTab, React.ReactNode>> = {
    what: (
      <ModuleTexts
        draft={draft}
        says={says}
        nameFixed={module !== undefined && module.publishedVersion !== null}
        onChange={set}
      />
    ),
    form: (
      <div className={style.sides}>
        <FieldBuilder
          fields={draft.fields}
          says={says}
          onChange={(fields) => set({ fields: [...fields] })}
        />
        <div className={style.side}>
          <h2 className={style.category}>{t('maker.formPreview')}</h2>
          <ModuleForm
            fields={draft.fields}
            values={values}
            onChange={setValues}
            problems={[]}
            selector=""
          />
        </div>
      </div>
    ),
    script: <ScriptEditor script={draft.script} onChange={(script) => set({ script })} />,
    running: <RunningEditor draft={draft} says={says} onChange={set} />,
    try: (
      <TryPanel
        module={module}
        draft={draft}
        version={base.version}
        dirty={dirty}
        values={values}
        onValues={setValues}
      />
    ),
    versions:
      module === undefined ? null : (
        <VersionList module={module} draft={draft} onPublish={publish} />
      ),
  }
  const tabs = editorTabs.filter((key) => key !== 'versions' || module !== undefined)

  return (
    <div className={style.page}>
      <header className={style.head}>
        <h1 className={style.title}>
          {module === undefined ? t('maker.makeOne') : draft.name}
          {module !== undefined && <Tag>{t('maker.version', { version: base.version })}</Tag>}
        </h1>
        <Space wrap>
          <Button onClick={() => unsaved.leave(onClose)}>{t('maker.back')}</Button>
          {module !== undefined && (
            <Button href={client.url(moduleRoutes.exportCustom, { params: { id: module.id } })}>
              {t('maker.export')}
            </Button>
          )}
          {module !== undefined && (
            <Input
              className={style.note}
              value={note}
              maxLength={500}
              placeholder={t('maker.note')}
              aria-label={t('maker.note')}
              onChange={({ target }) => setNote(target.value)}
            />
          )}
          <ActionButton
            type={module === undefined || dirty ? 'primary' : 'default'}
            blocked={
              write.why ?? (module !== undefined && !dirty ? t('maker.nothingToSave') : undefined)
            }
            loading={saving}
            onClick={() => void save()}
          >
            {t('maker.save')}
          </ActionButton>
          {module !== undefined && module.publishedVersion !== base.version && (
            <ActionButton
              type={dirty ? 'default' : 'primary'}
              blocked={write.why ?? (dirty ? t('maker.saveFirst') : undefined)}
              loading={publishing.isPending}
              onClick={() => publish(base.version)}
            >
              {t('maker.publish', { version: base.version })}
            </ActionButton>
          )}
        </Space>
      </header>
      <ErrorNotice error={error} />
      {!wanted || told.length === 0 ? null : (
        <Notice
          tone="danger"
          title={t('maker.toCorrect', {
            count: told.length,
            where: [...new Set(told.map((one) => labels[one.tab]))].join(t('maker.listComma')),
          })}
        />
      )}
      {overtaken && !saving ? (
        <Alert
          type="warning"
          showIcon
          title={t('maker.overtaken', {
            version: module.draftVersion,
            who: module.versions[0]?.savedBy,
          })}
          action={
            <Button size="small" onClick={takeTheirs}>
              {t('maker.takeTheirs')}
            </Button>
          }
        />
      ) : null}
      <Tabs
        activeKey={tab}
        onChange={(key) => onTab(editorTabs.find((one) => one === key) ?? 'what')}
        items={tabs.map((key) => ({ key, label: labels[key], children: pages[key] }))}
      />
      {module !== undefined && (
        <footer className={style.foot}>
          <Popconfirm
            title={t('maker.removeAsk', { name: module.name })}
            onConfirm={() =>
              remove.mutate(
                { params: { id: module.id } },
                { onSuccess: () => unsaved.saved(onClose), onError: setError },
              )
            }
          >
            <Button danger disabled={!write.allowed} title={write.why}>
              {t('maker.remove')}
            </Button>
          </Popconfirm>
        </footer>
      )}
      {unsaved.question}
    </div>
  )
}
