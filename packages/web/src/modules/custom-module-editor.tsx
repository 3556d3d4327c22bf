// Making a module: name and texts, form builder, script; save versions, compare, try on one host, publish, export.

import { type CustomInput, type CustomView, moduleRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { App, Button, Form, Input, Popconfirm, Radio, Space, Tabs, Tag } from 'antd'
import { useState } from 'react'
import { client, errorMessage, refresh, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { FieldBuilder } from './field-builder.tsx'
import { type FormValues, ModuleForm } from './module-form.tsx'
import style from './modules.module.css'
import { VersionDiff } from './version-diff.tsx'

interface Props {
  readonly module: CustomView | undefined
  readonly initial: CustomInput
  readonly onClose: () => void
  readonly onSaved: (saved: CustomView) => void
}

const interpreters = ['sh', 'bash', 'python3'] as const

export const CustomModuleEditor = ({ module, initial, onClose, onSaved }: Props) => {
  const { t, exactTime, lang } = useTexts()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const mayWrite = useMay('module.write')
  const [draft, setDraft] = useState(initial)
  const [note, setNote] = useState('')
  const [values, setValues] = useState<FormValues>({})
  const [compared, setCompared] = useState<number>()
  const publish = useChange(moduleRoutes.publishCustom, ['modules.', 'customModules.'])
  const remove = useChange(moduleRoutes.removeCustom, ['modules.', 'customModules.'])
  const set = (part: Partial<CustomInput>) => setDraft({ ...draft, ...part })
  const fail = (error: unknown) => void message.error(errorMessage(error, lang).text)
  const dirty = JSON.stringify(draft) !== JSON.stringify(initial)

  const save = async () => {
    try {
      const saved =
        module === undefined
          ? await client.call(moduleRoutes.addCustom, { body: draft })
          : await client.call(moduleRoutes.saveCustom, {
              params: { id: module.id },
              body: { ...draft, note, basedOn: module.draftVersion },
            })
      await refresh('customModules.')
      void message.success(t('modules.saved', { version: saved.draftVersion }))
      onSaved(saved)
    } catch (error) {
      fail(error)
    }
  }

  return (
    <div className={style.page}>
      <header className={style.head}>
        <h1 className={style.title}>
          {module === undefined ? t('modules.makeOne') : draft.name}
          {module !== undefined && (
            <Tag>{t('modules.version', { version: module.draftVersion })}</Tag>
          )}
        </h1>
        <Space wrap>
          <Button onClick={onClose}>{t('modules.back')}</Button>
          {module !== undefined && (
            <Button href={client.url(moduleRoutes.exportCustom, { params: { id: module.id } })}>
              {t('modules.export')}
            </Button>
          )}
          <Button
            type="primary"
            disabled={!mayWrite.allowed || (module !== undefined && !dirty)}
            title={mayWrite.why}
            onClick={() => void save()}
          >
            {t('modules.save')}
          </Button>
          {module !== undefined && module.publishedVersion !== module.draftVersion && (
            <Button
              disabled={dirty || !mayWrite.allowed}
              title={dirty ? t('modules.saveFirst') : mayWrite.why}
              loading={publish.isPending}
              onClick={() =>
                publish.mutate(
                  { params: { id: module.id }, body: { version: module.draftVersion } },
                  { onError: fail },
                )
              }
            >
              {t('modules.publish', { version: module.draftVersion })}
            </Button>
          )}
        </Space>
      </header>
      <Tabs
        items={[
          {
            key: 'what',
            label: t('modules.tabWhat'),
            children: (
              <Form layout="vertical" component="div" className={style.narrow}>
                <Form.Item
                  label={t('modules.name')}
                  htmlFor="custom-name"
                  extra={t('modules.nameHelp')}
                  required
                >
                  <Input
                    id="custom-name"
                    value={draft.name}
                    onChange={(event) => set({ name: event.target.value })}
                  />
                </Form.Item>
                {(['zh', 'en'] as const).map((one) => (
                  <Form.Item
                    key={one}
                    label={t(`modules.titleIn.${one}`)}
                    htmlFor={`custom-title-${one}`}
                    required
                  >
                    <Input
                      id={`custom-title-${one}`}
                      value={draft.title[one]}
                      onChange={(event) =>
                        set({ title: { ...draft.title, [one]: event.target.value } })
                      }
                    />
                  </Form.Item>
                ))}
                {(['zh', 'en'] as const).map((one) => (
                  <Form.Item
                    key={one}
                    label={t(`modules.summaryIn.${one}`)}
                    htmlFor={`custom-summary-${one}`}
                  >
                    <Input.TextArea
                      id={`custom-summary-${one}`}
                      autoSize
                      value={draft.summary[one]}
                      onChange={(event) =>
                        set({ summary: { ...draft.summary, [one]: event.target.value } })
                      }
                    />
                  </Form.Item>
                ))}
              </Form>
            ),
          },
          {
            key: 'form',
            label: t('modules.tabForm', { count: draft.fields.length }),
            children: (
              <div className={style.sides}>
                <FieldBuilder
                  fields={draft.fields}
                  onChange={(fields) => set({ fields: [...fields] })}
                />
                <div className={style.side}>
                  <h2 className={style.category}>{t('modules.formPreview')}</h2>
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
          },
          {
            key: 'script',
            label: t('modules.tabScript'),
            children: (
              <div>
                <Radio.Group
                  aria-label={t('modules.interpreter')}
                  value={draft.script.interpreter}
                  options={interpreters.map((one) => ({ value: one, label: one }))}
                  onChange={(event) =>
                    set({
                      script: {
                        ...draft.script,
                        interpreter: interpreters.find((one) => one === event.target.value) ?? 'sh',
                      },
                    })
                  }
                />
                <p className={style.soft}>{t('modules.scriptHelp', { open: '{{', close: '}}' })}</p>
                <Input.TextArea
                  className={style.code}
                  aria-label={t('modules.tabScript')}
                  autoSize={{ minRows: 12, maxRows: 40 }}
                  spellCheck={false}
                  value={draft.script.content}
                  onChange={(event) =>
                    set({ script: { ...draft.script, content: event.target.value } })
                  }
                />
              </div>
            ),
          },
          ...(module === undefined
            ? []
            : [
                {
                  key: 'versions',
                  label: t('modules.tabVersions', { count: module.versions.length }),
                  children: (
                    <div>
                      <ul className={style.versions}>
                        {module.versions.map((version) => (
                          <li key={version.version}>
                            <strong>{t('modules.version', { version: version.version })}</strong>
                            <span>{exactTime(version.savedAt)}</span>
                            <span>{version.savedBy}</span>
                            <span className={style.soft}>{version.note}</span>
                            {version.published && (
                              <Tag color="success">{t('modules.publishedTag')}</Tag>
                            )}
                            <Button size="small" onClick={() => setCompared(version.version)}>
                              {t('modules.compare')}
                            </Button>
                            {!version.published && (
                              <Button
                                size="small"
                                disabled={!mayWrite.allowed}
                                onClick={() =>
                                  publish.mutate(
                                    {
                                      params: { id: module.id },
                                      body: { version: version.version },
                                    },
                                    { onError: fail },
                                  )
                                }
                              >
                                {t('modules.publish', { version: version.version })}
                              </Button>
                            )}
                          </li>
                        ))}
                      </ul>
                      {compared !== undefined && (
                        <VersionDiff id={module.id} version={compared} to={draft} />
                      )}
                    </div>
                  ),
                },
              ]),
        ]}
      />
      {module !== undefined && (
        <footer className={style.foot}>
          <Input
            className={style.search}
            value={note}
            maxLength={500}
            placeholder={t('modules.note')}
            aria-label={t('modules.note')}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button
            disabled={module.publishedVersion === null}
            title={module.publishedVersion === null ? t('modules.publishFirst') : undefined}
            onClick={() =>
              void navigate({ to: '/launch' as never, search: { module: module.name } as never })
            }
          >
            {t('modules.tryOnHost')}
          </Button>
          <Popconfirm
            title={t('modules.removeAsk', { name: module.name })}
            onConfirm={() =>
              remove.mutate({ params: { id: module.id } }, { onSuccess: onClose, onError: fail })
            }
          >
            <Button danger disabled={!mayWrite.allowed}>
              {t('modules.remove')}
            </Button>
          </Popconfirm>
        </footer>
      )}
    </div>
  )
}
