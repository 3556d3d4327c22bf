// What the hosts page shows: filters and ticks from its address, worked out over the fleet.

import { Problem, parseSelector } from '@omserver/core'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { keepPreferences, usePreferences } from '../session/index.ts'
import { problemMessage, readSelector, useLabelWord } from '../ui/index.ts'
import { type BriefHost, useFleet, useGroupTexts } from './fleet.ts'
import { columnsOf, sortHosts, usualColumns } from './host-columns.ts'
import { filterHosts, type HostFilter } from './host-filter.ts'
import type { HostSearch } from './host-search.ts'
import { pathOf, pathText } from './label-tree.ts'
import { ADDRESS_MAX, type Picked, targetOf } from './picking.ts'

const nonePicked: Picked = new Set()

/** Hosts that an address names as ticked; nothing when it cannot be read. */
const pickedBy = (
  text: string,
  hosts: readonly BriefHost[],
  groups: ReadonlyMap<string, string>,
): Picked => {
  try {
    const filter = { order: [], path: [], text: '', selector: parseSelector(text) }
    return new Set(filterHosts(hosts, filter, groups).map(({ id }) => id))
  } catch (error) {
    if (error instanceof Problem) return nonePicked
    throw error
  }
}

/** None while the selector is wrong: who ticks all of what is shown must have seen what it picks. */
const useShown = (
  hosts: readonly BriefHost[],
  filter: HostFilter | undefined,
  groups: ReadonlyMap<string, string>,
) => {
  const { lang } = useTexts()
  return useMemo(() => {
    if (filter === undefined) return { shown: [], problem: undefined }
    try {
      return { shown: filterHosts(hosts, filter, groups), problem: undefined }
    } catch (error) {
      return { shown: [], problem: problemMessage(error, lang) }
    }
  }, [hosts, filter, groups, lang])
}

export const useHostList = () => {
  const { t, lang } = useTexts()
  const wordOf = useLabelWord()
  const search = useSearch({ from: '/hosts' })
  const navigate = useNavigate({ from: '/hosts' })
  const router = useRouter()
  const preferences = usePreferences()
  const fleet = useFleet()
  const groups = useGroupTexts()
  /** What opens or is chosen is a step that Back takes back; what is typed or closed (`replace`) is none. */
  const change = (part: Partial<HostSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }) })
  const replace = (part: Partial<HostSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true })

  const by = search.by
  const order = useMemo(
    () => (by === undefined ? preferences.labelOrder : by.split(',').filter(Boolean)),
    [by, preferences.labelOrder],
  )
  const path = useMemo(
    () => (search.in === undefined ? [] : (pathOf(search.in) ?? [])),
    [search.in],
  )
  const sel = useDeferredValue(search.sel ?? '')
  const text = useDeferredValue(search.q ?? '')
  const filter = useMemo<HostFilter | undefined>(() => {
    const read = readSelector(sel, lang)
    if (read.status === 'wrong') return undefined
    return { order, path, text, selector: read.status === 'ok' ? read.selector : undefined }
  }, [sel, text, order, path, lang])
  const { shown: unsorted, problem } = useShown(fleet.hosts, filter, groups)

  const columnKeys = preferences.hostColumns ?? usualColumns(order)
  const columns = useMemo(
    () => columnsOf(columnKeys, (fixed) => t(`hosts.column.${fixed}`), wordOf),
    [columnKeys, t, wordOf],
  )
  const shown = useMemo(
    () => sortHosts(unsorted, columns, search.sort),
    [unsorted, columns, search.sort],
  )

  const [picked, setPickedState] = useState<Picked | undefined>()
  // The first ticks come from the address, once the fleet is there to be matched.
  const ready = fleet.data !== undefined
  const start = search.picked
  useEffect(() => {
    if (!ready || picked !== undefined) return
    setPickedState(start === undefined ? nonePicked : pickedBy(start, fleet.hosts, groups))
  }, [ready, picked, start, fleet.hosts, groups])
  const pickedNow = picked ?? nonePicked
  // The tick is seen at once; what it means for 50,000 hosts is worked out right after.
  const settled = useDeferredValue(pickedNow)
  const target = useMemo(
    () => targetOf(fleet.hosts.filter(({ id }) => settled.has(id))),
    [fleet.hosts, settled],
  )
  const address =
    target.selector === '' || target.selector.length > ADDRESS_MAX ? undefined : target.selector
  useEffect(() => {
    if (!ready || picked === undefined || settled !== picked) return
    // Not when the person has left already and the next page is still loading.
    if (router.latestLocation.pathname !== '/hosts') return
    void navigate({ search: (old) => ({ ...old, picked: address }), replace: true })
  }, [ready, picked, settled, address, navigate, router])

  return {
    fleet,
    search,
    change,
    replace,
    close: () => replace({ open: undefined, way: undefined }),
    order,
    path,
    shown,
    problem,
    columns,
    columnKeys,
    picked: pickedNow,
    target,
    setPicked: setPickedState,
    setOrder: (next: readonly string[]) => {
      keepPreferences({ labelOrder: [...next] })
      change({ by: next.join(','), in: undefined })
    },
    setPath: (next: readonly string[]) =>
      change({
        in: next.length === 0 ? undefined : pathText(next),
        by: next.length === 0 ? undefined : order.join(','),
      }),
    isWrong: filter === undefined || problem !== undefined,
    isFiltered: path.length > 0 || text.trim() !== '' || sel.trim() !== '',
  }
}

export type HostList = ReturnType<typeof useHostList>
