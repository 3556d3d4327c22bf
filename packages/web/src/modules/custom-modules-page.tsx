// Modules made here: the list, and the editor of the one that is open.

import { type CustomInput, type CustomView, moduleRoutes } from '@omserver/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Tag } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  EmptyState,
  ErrorNotice,
  LoadingLines,
  Notice,
  PageHeader,
} from '../ui/index.ts'
import { CustomModuleEditor } from './custom-module-editor.tsx'
import style from './modules.module.css'
import type { EditorTab } from './search.ts'

const blank: CustomInput = {
  name: '',
  title: { zh: '', en: '' },
  summary: { zh: '', en: '' },
  category: 'custom',
  fields: [],
  script: { interpreter: 'sh', content: 'echo {{word}}\n' },
}

export const CustomModulesPage = () => {
  const { t, say, number } = useTexts()
  const navigate = useNavigate({ from: '/modules/custom' })
  const { id, tab } = useSearch({ from: '/modules/custom' })
  const mayWrite = useMay('module.write')
  const modules = useAnswer(moduleRoutes.listCustom, {})
  const open = (next: string | undefined, at?: EditorTab) =>
    void navigate({
      search: next === undefined ? {} : { id: next, tab: at },
      replace: next !== undefined && id !== undefined,
    })
  const items = modules.data?.items ?? []
  const chosen = items.find((item) => item.id === id)
  if (modules.isLoading) return <LoadingLines lines={8} />
  if (id !== undefined && (id === 'new' || chosen !== undefined)) {
    return (
      <CustomModuleEditor
        // Not by version: what somebody else saves meanwhile must not sweep away what is being typed here.
        key={id}
        module={chosen}
        initial={chosen?.draft ?? { ...blank, fields: [wordField] }}
        tab={tab ?? 'what'}
        onTab={(next) => open(id, next)}
        onClose={() => open(undefined)}
        onSaved={(saved: CustomView) => open(saved.id, tab)}
      />
    )
  }
  return (
    <div className={style.page}>
      <PageHeader
        title={t('modules.custom')}
        back={{ to: '/modules', label: t('modules.title') }}
        actions={
          <ActionButton type="primary" blocked={mayWrite.why} onClick={() => open('new')}>
            {t('maker.makeOne')}
          </ActionButton>
        }
      />
      <ErrorNotice error={modules.error} onRetry={() => void modules.refetch()} />
      {id !== undefined && modules.data !== undefined ? (
        <Notice
          tone="warning"
          title={t('maker.gone')}
          action={
            <Button size="small" onClick={() => open(undefined)}>
              {t('ui.close')}
            </Button>
          }
        />
      ) : null}
      {modules.data !== undefined && items.length === 0 && (
        <EmptyState title={t('maker.noCustom')} />
      )}
      <ul className={style.cards}>
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" className={style.card} onClick={() => open(item.id)}>
              <span className={style.cardTitle}>
                <strong>{say(item.draft.title) || item.name}</strong>
                <Tag color={item.publishedVersion === null ? 'default' : 'success'}>
                  {item.publishedVersion === null
                    ? t('maker.draft')
                    : t('maker.published', { version: number(item.publishedVersion) })}
                </Tag>
              </span>
              <code className={style.cardName}>{item.name}</code>
              <span className={style.cardSummary}>{say(item.draft.summary)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

const wordField: CustomInput['fields'][number] = {
  name: 'word',
  kind: 'text',
  title: { zh: '文字', en: 'Word' },
  required: true,
}
