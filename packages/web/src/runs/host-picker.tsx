// Which hosts: a selector as text, and the fleet to tick hosts on and off. The resolved list is always in sight.

import { type AnswerOf, hostRoutes } from '@omserver/api'
import { matchHosts, Problem, parseSelector } from '@omserver/core'
import { Checkbox, Select } from 'antd'
import { useMemo, useRef, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import {
  EmptyState,
  LabelTags,
  problemMessage,
  readSelector,
  SelectorInput,
  TextInput,
  Tick,
  useLabelWord,
  usePhone,
  type VirtualColumn,
  VirtualTable,
} from '../ui/index.ts'
import style from './host-picker.module.css'
import { pickedFirst, tick, untick, withoutTerm } from './picked-hosts.ts'

type BriefHost = AnswerOf<typeof hostRoutes.brief>['items'][number]

interface Props {
  readonly selector: string
  readonly onChange: (selector: string) => void
}

const none: ReadonlySet<string> = new Set()

/** Which hosts of the fleet a selector picks, here and now, and what is wrong with it. */
const usePicked = (fleet: readonly BriefHost[]) => {
  const { lang } = useTexts()
  const groups = useAnswer(hostRoutes.listGroups, {}, { staleTime: 30_000 }).data?.items
  const saved = useMemo(
    () => new Map((groups ?? []).map((group) => [group.name, group.selector])),
    [groups],
  )
  const hosts = useMemo(
    () => fleet.map((host) => ({ ...host, outerAddress: host.outerAddress ?? undefined })),
    [fleet],
  )
  const pickedBy = useMemo(
    () => (given: string) => {
      if (readSelector(given, lang).status !== 'ok') return { names: none, problem: undefined }
      try {
        const found = matchHosts(parseSelector(given), hosts, saved)
        return { names: new Set(found.map(({ name }) => name)), problem: undefined }
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        return { names: none, problem: problemMessage(error, lang) }
      }
    },
    [hosts, saved, lang],
  )
  return { pickedBy, groups: [...saved.keys()] }
}

const noHosts: readonly BriefHost[] = []

export const HostPicker = ({ selector, onChange }: Props) => {
  const { t, number } = useTexts()
  const fleet = useAnswer(hostRoutes.brief, {}, { staleTime: 30_000 }).data?.items ?? noHosts
  const { pickedBy, groups } = usePicked(fleet)
  const [text, setText] = useState('')
  const [onlyPicked, setOnlyPicked] = useState(false)
  const { names: picked, problem } = useMemo(() => pickedBy(selector), [pickedBy, selector])
  // What a selector picks stands first. A row that is ticked stays where it is, under the pointer.
  const byTick = useRef<string>(undefined)
  const leading = useRef(picked)
  if (byTick.current !== selector) leading.current = picked
  const first = leading.current
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    const found = fleet.filter(
      (host) =>
        (!onlyPicked || picked.has(host.name)) &&
        (wanted === '' ||
          host.name.toLowerCase().includes(wanted) ||
          host.address.includes(wanted) ||
          Object.values(host.labels).some((value) => value.toLowerCase().includes(wanted))),
    )
    return pickedFirst(found, first)
  }, [fleet, text, onlyPicked, picked, first])
  const turn = (name: string) => {
    const next = picked.has(name)
      ? untick(selector, name, pickedBy(withoutTerm(selector, name)).names.has(name))
      : tick(selector, name)
    byTick.current = next
    onChange(next)
  }
  const add = (term: string) =>
    onChange(selector.trim() === '' ? term : `${selector.trim()} ${term}`)

  return (
    <div className="om-stack">
      <SelectorInput
        label={t('runs.selector')}
        placeholder="web-[1-20] idc=sz,app=nginx !web-3"
        value={selector}
        count={picked.size}
        problem={problem}
        onChange={onChange}
      />
      <div className="om-row">
        <AddLabel onAdd={add} />
        {groups.length > 0 && (
          <Select
            showSearch
            value={null}
            className={style.chooser}
            placeholder={t('runs.addGroup')}
            aria-label={t('runs.addGroup')}
            onChange={(name: string | null) => name !== null && add(`@${name}`)}
            options={groups.map((name) => ({ value: name, label: `@${name}` }))}
          />
        )}
        <span className={style.filter} data-page-search>
          <TextInput
            clearable
            type="search"
            value={text}
            placeholder={t('runs.filterHosts')}
            aria-label={t('runs.filterHosts')}
            onText={setText}
          />
        </span>
        <Checkbox checked={onlyPicked} onChange={(event) => setOnlyPicked(event.target.checked)}>
          {t('runs.onlyPicked', { hosts: number(picked.size) })}
        </Checkbox>
      </div>
      <div className={style.fleet}>
        <VirtualTable
          label={t('runs.fleet')}
          columns={useColumns(picked, turn)}
          rows={shown}
          rowKey={({ id }) => id}
          rowHeight={32}
          isMarked={({ name }) => picked.has(name)}
          empty={<EmptyState small title={t('runs.noHostHere')} />}
          onRowClick={(host, _, event) => {
            if (event.target instanceof Element && event.target.closest('button, input')) return
            turn(host.name)
          }}
        />
      </div>
    </div>
  )
}

const AddLabel = ({ onAdd }: { readonly onAdd: (term: string) => void }) => {
  const { t, number } = useTexts()
  const labelWord = useLabelWord()
  const labels = useAnswer(hostRoutes.labels, {}, { staleTime: 30_000 }).data?.items ?? []
  return (
    <Select
      showSearch
      value={null}
      className={style.chooser}
      placeholder={t('runs.addLabel')}
      aria-label={t('runs.addLabel')}
      onChange={(term: string | null) => term !== null && onAdd(term)}
      options={labels.map((label) => ({
        label: labelWord(label.name),
        title: labelWord(label.name),
        options: label.values.slice(0, 200).map(({ value, hosts }) => ({
          value: `${label.name}=${/[\s,()"']/.test(value) ? `"${value}"` : value}`,
          label: `${label.name}=${value} (${number(hosts)})`,
        })),
      }))}
    />
  )
}

const useColumns = (
  picked: ReadonlySet<string>,
  turn: (name: string) => void,
): readonly VirtualColumn<BriefHost>[] => {
  const { t } = useTexts()
  const phone = usePhone()
  const columns: readonly VirtualColumn<BriefHost>[] = [
    {
      key: 'tick',
      track: '36px',
      title: '',
      render: ({ name }) => (
        <Tick label={name} checked={picked.has(name)} onChange={() => turn(name)} />
      ),
    },
    {
      key: 'name',
      track: 'minmax(120px, 1fr)',
      title: t('runs.host'),
      render: ({ name }) => <span title={name}>{name}</span>,
    },
    {
      key: 'address',
      track: '112px',
      title: t('runs.column.address'),
      render: ({ address }) => <span className="om-soft">{address}</span>,
    },
  ]
  if (phone) return columns
  return [
    ...columns,
    {
      key: 'labels',
      track: 'minmax(160px, 2fr)',
      title: t('runs.column.labels'),
      render: ({ labels }) => <LabelTags labels={labels} most={4} oneLine />,
    },
  ]
}
