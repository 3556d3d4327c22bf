// The last attempts of one kind, the newest opened: did it work, and where not, why.

import { runRoutes } from '@omserver/api'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { EmptyState, ErrorNotice } from '../ui/index.ts'
import { Outcome } from './outcome.tsx'
import { attemptsOf } from './steps.ts'
import style from './trust.module.css'

const EVERY_MS = 2_000

const useRuns = (module: string, limit: number, enabled = true) =>
  useAnswer(runRoutes.list, { query: { module, limit } }, { every: EVERY_MS, enabled })

export const RecentOutcomes = ({ module }: { readonly module: string }) => {
  const { t } = useTexts()
  const runs = useRuns(module, 5)
  const verified = useRuns('trust.verify', 20, module !== 'trust.check')
  const removed = useRuns('trust.removeKey', 20, module === 'trust.rotate')
  const attempts = attemptsOf(runs.data?.items ?? [], [
    ...(verified.data?.items ?? []),
    ...(removed.data?.items ?? []),
  ])
  return (
    <section aria-live="polite">
      <h2 className={style.heading}>{t('trust.recent')}</h2>
      <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />
      {runs.data !== undefined && attempts.length === 0 ? (
        <EmptyState small title={t('trust.none')} />
      ) : (
        attempts.map((attempt, index) => (
          <Outcome key={attempt.first.id} attempt={attempt} open={index === 0} />
        ))
      )}
    </section>
  )
}
