// One box that finds a page, a module, a group or a host, and goes there.

import { hostRoutes, moduleRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { Input, Modal } from 'antd'
import { useDeferredValue, useId, useMemo, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMe } from '../session/index.ts'
import style from './finder.module.css'
import { allPlaces } from './navigation.ts'

interface Found {
  readonly key: string
  readonly kind: 'place' | 'module' | 'group' | 'host'
  readonly title: string
  readonly note: string
  readonly go: () => unknown
}

const MOST = 8

/** Rows with every word in them; those that begin with the text first. */
const search = <T,>(rows: readonly T[], text: string, words: (row: T) => string): readonly T[] => {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  const hits: T[] = []
  const first: T[] = []
  for (const row of rows) {
    const has = words(row).toLowerCase()
    if (!wanted.every((word) => has.includes(word))) continue
    if (has.startsWith(wanted[0] ?? '')) first.push(row)
    else hits.push(row)
    if (first.length >= MOST) break
  }
  return [...first, ...hits].slice(0, MOST)
}

const useFound = (text: string): readonly Found[] => {
  const { t, say } = useTexts()
  const navigate = useNavigate()
  const { permissions } = useMe()
  const sees = (permission: (typeof permissions)[number]) => permissions.includes(permission)
  const modules = useAnswer(moduleRoutes.list, {}, { enabled: sees('module.read') }).data?.items
  const groups = useAnswer(hostRoutes.listGroups, {}, { enabled: sees('host.read') }).data?.items
  const hosts = useAnswer(hostRoutes.brief, {}, { enabled: sees('host.read'), staleTime: 60_000 })
    .data?.items
  return useMemo(() => {
    const places = allPlaces.filter(
      ({ needs }) => needs === undefined || permissions.includes(needs),
    )
    return [
      ...search(places, text, ({ name }) => `${t(`app.place.${name}`)} ${name}`).map(
        ({ name, to }): Found => ({
          key: `place ${name}`,
          kind: 'place',
          title: t(`app.place.${name}`),
          note: '',
          go: () => navigate({ to }),
        }),
      ),
      ...(text === '' ? [] : search(modules ?? [], text, (m) => `${m.name} ${say(m.title)}`)).map(
        (module): Found => ({
          key: `module ${module.name}`,
          kind: 'module',
          title: say(module.title),
          note: module.name,
          go: () => navigate({ to: '/launch', search: { module: module.name } }),
        }),
      ),
      ...(text === '' ? [] : search(groups ?? [], text, (group) => group.name)).map(
        (group): Found => ({
          key: `group ${group.id}`,
          kind: 'group',
          title: group.name,
          note: t('ui.hosts', { count: group.hosts }),
          go: () => navigate({ to: '/hosts', search: { sel: `@${group.name}` } }),
        }),
      ),
      ...(text === ''
        ? []
        : search(hosts ?? [], text, (h) => `${h.name} ${h.address} ${h.outerAddress ?? ''}`)
      ).map(
        (host): Found => ({
          key: `host ${host.id}`,
          kind: 'host',
          title: host.name,
          note: host.address,
          go: () => navigate({ to: '/hosts/$hostId', params: { hostId: host.id } }),
        }),
      ),
    ]
  }, [text, modules, groups, hosts, t, say, navigate, permissions])
}

export const Finder = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTexts()
  const id = useId()
  const [text, setText] = useState('')
  const [cursor, setCursor] = useState(0)
  const found = useFound(useDeferredValue(text.trim()))
  const at = Math.min(cursor, found.length - 1)
  const go = (row: Found | undefined) => {
    if (row === undefined) return
    onClose()
    row.go()
  }
  return (
    <Modal
      open
      footer={null}
      closable={false}
      title={<span className="om-unseen">{t('app.find')}</span>}
      width={560}
      style={{ top: 64 }}
      onCancel={onClose}
    >
      <Input
        autoFocus
        size="large"
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={found[at] === undefined ? undefined : `${id}-${at}`}
        aria-label={t('app.find')}
        placeholder={t('app.findWhat')}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setCursor(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setCursor(Math.min(at + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setCursor(Math.max(at - 1, 0))
          else if (event.key === 'Enter' && !event.nativeEvent.isComposing) go(found[at])
          else return
          event.preventDefault()
        }}
      />
      <div role="listbox" id={`${id}-list`} aria-label={t('app.find')} className={style.list}>
        {found.map((row, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field above (combobox)
          <div
            key={row.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={index === at ? `${style.row} ${style.at}` : style.row}
            onMouseMove={() => setCursor(index)}
            onClick={() => go(row)}
          >
            <span className={style.kind}>{t(`app.found.${row.kind}`)}</span>
            <span className={style.title}>{row.title}</span>
            <span className={style.note}>{row.note}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={style.none}>{t('app.foundNothing', { text })}</p> : null}
    </Modal>
  )
}
