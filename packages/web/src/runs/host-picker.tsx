// Which hosts: a selector as text, and the fleet to tick hosts on and off. The resolved list is always in sight.

import { hostRoutes } from '@omserver/api'
import { matchHosts, Problem, parseSelector } from '@omserver/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Button, Checkbox, Input, Select, Space } from 'antd'
import { useMemo, useRef, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { tick, untick, withoutTerm } from './picked-hosts.ts'
import style from './runs.module.css'

interface Props {
  readonly selector: string
  readonly onChange: (selector: string) => void
}

export const HostPicker = ({ selector, onChange }: Props) => {
  const { t, number } = useTexts()
  const fleet = useAnswer(hostRoutes.brief, {}, { staleTime: 30_000 })
  const labels = useAnswer(hostRoutes.labels, {}, { staleTime: 30_000 })
  const groups = useAnswer(hostRoutes.listGroups, {}, { staleTime: 30_000 })
  const [text, setText] = useState('')
  const [onlyPicked, setOnlyPicked] = useState(false)
  const hosts = useMemo(
    () =>
      (fleet.data?.items ?? []).map((host) => ({
        ...host,
        outerAddress: host.outerAddress ?? undefined,
      })),
    [fleet.data],
  )
  const saved = useMemo(
    () => new Map((groups.data?.items ?? []).map((group) => [group.name, group.selector])),
    [groups.data],
  )
  const pickedBy = useMemo(
    () => (given: string) => {
      if (given.trim() === '') return { names: new Set<string>(), problem: undefined }
      try {
        return {
          names: new Set(matchHosts(parseSelector(given), hosts, saved).map((host) => host.name)),
          problem: undefined,
        }
      } catch (error) {
        return { names: new Set<string>(), problem: error instanceof Problem ? error : undefined }
      }
    },
    [hosts, saved],
  )
  const { names: picked, problem } = useMemo(() => pickedBy(selector), [pickedBy, selector])
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    return hosts.filter(
      (host) =>
        (!onlyPicked || picked.has(host.name)) &&
        (wanted === '' ||
          host.name.toLowerCase().includes(wanted) ||
          host.address.includes(wanted) ||
          Object.values(host.labels).some((value) => value.toLowerCase().includes(wanted))),
    )
  }, [hosts, text, onlyPicked, picked])
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => 30,
    overscan: 10,
  })
  const toggle = (name: string, on: boolean) =>
    onChange(
      on
        ? tick(selector, name)
        : untick(selector, name, pickedBy(withoutTerm(selector, name)).names.has(name)),
    )
  const add = (term: string) =>
    onChange(selector.trim() === '' ? term : `${selector.trim()} ${term}`)

  return (
    <div>
      <Input.TextArea
        autoSize={{ minRows: 1, maxRows: 6 }}
        value={selector}
        status={problem === undefined ? '' : 'error'}
        placeholder="web-[1-20] idc=sz,app=nginx !web-3"
        aria-label={t('runs.selector')}
        onChange={(event) => onChange(event.target.value)}
        className={style.code}
      />
      {problem !== undefined && (
        <p className={style.problem} role="alert">
          {t('runs.selectorBad', {
            part: String(problem.details['part'] ?? problem.details['group'] ?? ''),
          })}
        </p>
      )}
      <Space wrap className={style.tableTools}>
        <Select
          showSearch
          value={null}
          className={style.chooser}
          placeholder={t('runs.addLabel')}
          aria-label={t('runs.addLabel')}
          onChange={(term: string | null) => term !== null && add(term)}
          options={(labels.data?.items ?? []).map((label) => ({
            label: label.name,
            title: label.name,
            options: label.values.slice(0, 200).map((value) => ({
              value: `${label.name}=${/[\s,()"']/.test(value.value) ? `"${value.value}"` : value.value}`,
              label: `${label.name}=${value.value} (${number(value.hosts)})`,
            })),
          }))}
        />
        {saved.size > 0 && (
          <Select
            showSearch
            value={null}
            className={style.chooser}
            placeholder={t('runs.addGroup')}
            aria-label={t('runs.addGroup')}
            onChange={(name: string | null) => name !== null && add(`@${name}`)}
            options={[...saved.keys()].map((name) => ({ value: name, label: `@${name}` }))}
          />
        )}
        {selector !== '' && <Button onClick={() => onChange('')}>{t('runs.clearSelector')}</Button>}
      </Space>
      <div className={style.tableTools}>
        <Input
          allowClear
          className={style.search}
          value={text}
          placeholder={t('runs.filterHosts')}
          aria-label={t('runs.filterHosts')}
          onChange={(event) => setText(event.target.value)}
        />
        <Checkbox checked={onlyPicked} onChange={(event) => setOnlyPicked(event.target.checked)}>
          {t('runs.onlyPicked', { hosts: number(picked.size) })}
        </Checkbox>
      </div>
      <div
        ref={box}
        className={style.pickList}
        tabIndex={0}
        role="group"
        aria-label={t('runs.fleet')}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const host = shown[item.index]
            if (host === undefined) return null
            return (
              <div
                key={host.id}
                className={style.pickRow}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <Checkbox
                  checked={picked.has(host.name)}
                  onChange={(event) => toggle(host.name, event.target.checked)}
                >
                  <span className={style.rowName}>{host.name}</span>
                </Checkbox>
                <span className={style.rowAddress}>{host.address}</span>
                <span className={style.pickLabels}>
                  {Object.entries(host.labels)
                    .map(([name, value]) => `${name}=${value}`)
                    .join('  ')}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
