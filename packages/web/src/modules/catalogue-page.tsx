// The catalogue: every task module, by category, found by word; one click away from a launch.

import { type ModuleView, moduleRoutes } from '@omserver/api'
import { moduleCategories } from '@omserver/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Empty, Input, Spin, Tag } from 'antd'
import { errorMessage, useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import style from './modules.module.css'

export const CataloguePage = () => {
  const { t, say, lang } = useTexts()
  const navigate = useNavigate()
  const mayWrite = useMay('module.write')
  const search = useSearch({ strict: false }) as { readonly text?: string }
  // Whoever writes a module file sees it here, or what is wrong with it, without pressing anything.
  const modules = useAnswer(moduleRoutes.list, {}, { staleTime: 2000, every: 3000 })
  const wanted = (search.text ?? '').trim().toLowerCase()
  const shown = (modules.data?.items ?? []).filter(
    (module) =>
      wanted === '' ||
      [module.name, module.title.zh, module.title.en, module.summary.zh, module.summary.en].some(
        (text) => text.toLowerCase().includes(wanted),
      ),
  )
  return (
    <div className={style.page}>
      <header className={style.head}>
        <h1 className={style.title}>{t('modules.title')}</h1>
        <Button
          disabled={!mayWrite.allowed}
          title={mayWrite.why}
          onClick={() => void navigate({ to: '/modules/custom' as never })}
        >
          {t('modules.makeOne')}
        </Button>
      </header>
      <Input.Search
        allowClear
        autoFocus
        className={style.search}
        defaultValue={search.text}
        placeholder={t('modules.search')}
        aria-label={t('modules.search')}
        onChange={(event) =>
          void navigate({
            to: '.',
            search: (event.target.value === '' ? {} : { text: event.target.value }) as never,
            replace: true,
          })
        }
      />
      {modules.error !== null && (
        <Alert type="error" title={errorMessage(modules.error, lang).text} />
      )}
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
      {modules.isLoading && <Spin className={style.waiting} />}
      {modules.data !== undefined && shown.length === 0 && (
        <Empty description={t('modules.noneFound')} />
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
        <Link
          to={'/launch' as never}
          search={{ module: module.name } as never}
          className={style.card}
        >
          {inside}
        </Link>
      ) : (
        <div className={`${style.card} ${style.cardOff}`}>{inside}</div>
      )}
    </li>
  )
}
