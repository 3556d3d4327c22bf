// The time filter of the log: a span back from now, or two local dates. Pure.

type Span = 'day' | 'week' | 'month' | 'dates'

export interface TimeFilter {
  readonly span?: Span | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const DAY = 86_400_000
const lengths: Readonly<Record<Exclude<Span, 'dates'>, number>> = {
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
}

/** Midnight, local time, that begins the date; undefined when it is none. */
const startOf = (date: string | undefined, plusDays = 0): number | undefined => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? '') ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const time = new Date(Number(year), Number(month) - 1, Number(day) + plusDays).getTime()
  return Number.isNaN(time) ? undefined : time
}

/** ms; `now` is rounded to the minute, so that the same filter is the same question for a while. */
export const timesOf = (
  filter: TimeFilter,
  now: number,
): { readonly since?: number; readonly until?: number } => {
  if (filter.span === undefined) return {}
  if (filter.span !== 'dates') return { since: now - (now % 60_000) - lengths[filter.span] }
  const since = startOf(filter.from)
  const until = startOf(filter.to, 1)
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until: until - 1 }),
  }
}
