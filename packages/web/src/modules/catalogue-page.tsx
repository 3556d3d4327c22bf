// The catalogue: every task module, by category, found by word; one click away from a launch.

import { type ModuleView, moduleRoutes } from '@omserver/api'
import { moduleCategories } from '@omserver/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Tag } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CountBadge,
  EmptyState,
  ErrorNotice,
  LoadingLines,
  PageHeader,
  TextInput,
  useDraft,
} from '../ui/index.ts'
import style from './modules.module.css'

/** These have a page of their own, with the work that follows from each. */
const trustTabs: Readonly<Record<string, 'check' | 'establish' | 'rotate'>> = {
  'trust.establish': 'establish',
  'trust.rotate': 'rotate',
  'trust.check': 'check',
}

/** Where a module is launched. */
const placeOf = ({ name }: ModuleView) => {
  const tab = trustTabs[name]
  return tab === undefined
    ? ({ to: '/launch', search: { module: name } } as const)
    : ({ to: '/trust', search: { tab } } as const)
}

export const CataloguePage = () => {
  const { t, say } = useTexts()
  const navigate = useNavigate({ from: '/modules' })
  const mayWrite = useMay('module.write')
  const search = useSearch({ from: '/modules' })
  // Whoever writes a module file sees it here, or what is wrong with it, without pressing anything.
  const modules = useAnswer(moduleRoutes.list, {}, { staleTime: 2000, every: 3000 })
  const [words, setWords] = useDraft(
    search.text ?? '',
    (text) => void navigate({ search: text === '' ? {} : { text }, replace: true }),
  )
  const wanted = words.trim().toLowerCase()
  const shown = (modules.data?.items ?? []).filter(
    (module) =>
      wanted === '' ||
      [module.name, module.title.zh, module.title.en, module.summary.zh, module.summary.en].some(
        (text) => text.toLowerCase().includes(wanted),
      ),
  )
  return (
    <div className={style.page}>
      <PageHeader
        title={t('modules.title')}
        extra={modules.data === undefined ? null : <CountBadge count={modules.data.items.length} />}
        actions={
          <ActionButton
            blocked={mayWrite.why}
            onClick={() => void navigate({ to: '/modules/custom', search: {} })}
          >
            {t('modules.custom')}
          </ActionButton>
        }
      />
      <div className={style.search} data-page-search>
        <TextInput
          clearable
          type="search"
          value={words}
          placeholder={t('modules.search')}
          aria-label={t('modules.search')}
          onText={setWords}
          onKeyDown={(event) => {
            const [only, ...others] = shown.filter(({ mayLaunch }) => mayLaunch)
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
            if (wanted === '' || only === undefined || others.length > 0) return
            void navigate(placeOf(only))
          }}
        />
      </div>
      <ErrorNotice error={modules.error} onRetry={() => void modules.refetch()} />
      {modules.data?.broken.map((broken) => (
        <Alert
          key={broken.file}
          type="warning"
          showIcon
          title={t('modules.broken', {
            file: broken.line === null ? broken.file : `${broken.file}:${broken.line}`,
          })}
          description={<code>{broken.message}</code>}
        />
      ))}
      {modules.isLoading && <LoadingLines lines={8} />}
      {modules.data !== undefined && shown.length === 0 && (
        <EmptyState title={t('modules.noneFound')} />
      )}
      {moduleCategories.map((category) => {
        const members = shown.filter((module) => module.category === category)
        if (members.length === 0) return null
        return (
          <section key={category}>
            <h2 className={style.category}>{t(`modules.category.${category}`)}</h2>
            <ul className={style.cards}>
              {members.map((module) => (
                <ModuleCard key={module.name} module={module} say={say} />
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

const ModuleCard = ({
  module,
  say,
}: {
  readonly module: ModuleView
  readonly say: (text: { zh: string; en: string }) => string
}) => {
  const { t } = useTexts()
  const inside = (
    <>
      <span className={style.cardTitle}>
        <strong>{say(module.title)}</strong>
        {module.dangerous !== undefined && <Tag color="error">{t('modules.dangerous')}</Tag>}
        {module.source !== 'builtin' && <Tag>{t(`modules.source.${module.source}`)}</Tag>}
      </span>
      <code className={style.cardName}>{module.name}</code>
      <span className={style.cardSummary}>{say(module.summary)}</span>
      {!module.mayLaunch && <span className={style.soft}>{t('modules.noGrant')}</span>}
    </>
  )
  return (
    <li>
      {module.mayLaunch ? (
        <Link {...placeOf(module)} className={style.card} data-row>
          {inside}
        </Link>
      ) : (
        <div className={`${style.card} ${style.cardOff}`}>{inside}</div>
      )}
    </li>
  )
}
