// What can be done with the ticked hosts. Every button says to how many.

import { hostRoutes, trustRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { App, Button } from 'antd'
import { useMemo } from 'react'
import { errorMessage, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ConfirmByTyping, CopyButton } from '../ui/index.ts'
import style from './host-actions.module.css'
import { LabelDialog } from './label-dialog.tsx'
import { ADDRESS_MAX, SELECTOR_MAX, setAll } from './picking.ts'
import type { HostList } from './use-host-list.ts'

const Remove = ({ list, onClose }: { readonly list: HostList; readonly onClose: () => void }) => {
  const { t } = useTexts()
  const { message } = App.useApp()
  const remove = useChange(hostRoutes.remove, ['hosts.', 'groups.'])
  const { hosts, selector } = list.target
  const count = hosts.length
  return (
    <ConfirmByTyping
      title={t('hosts.remove.title', { count })}
      expected={String(count)}
      action={t('hosts.remove.action', { count })}
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { body: { selector, count } },
          {
            onSuccess: ({ removed }) => {
              void message.success(t('hosts.remove.done', { count: removed }))
              list.setPicked(
                setAll(
                  list.picked,
                  hosts.map(({ id }) => id),
                  false,
                ),
              )
              onClose()
            },
          },
        )
      }
    >
      <p>{t('hosts.remove.body')}</p>
      <p className={style.names}>
        {hosts
          .slice(0, 12)
          .map(({ name }) => name)
          .join('  ')}
        {count > 12 ? ` … ${t('hosts.andMore', { count: count - 12 })}` : ''}
      </p>
    </ConfirmByTyping>
  )
}

export const HostActions = ({ list }: { readonly list: HostList }) => {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const write = useMay('host.write')
  const launch = useMay('run.launch')
  const check = useChange(trustRoutes.check, ['runs.'])
  const { hosts, selector } = list.target
  const count = hosts.length
  const addresses = useMemo(() => hosts.map(({ address }) => address).join('\n'), [hosts])
  const hidden = useMemo(() => {
    const shown = new Set(list.shown.map(({ id }) => id))
    return hosts.filter(({ id }) => !shown.has(id)).length
  }, [hosts, list.shown])
  if (count === 0) return null
  const tooLong = selector.length > SELECTOR_MAX ? t('hosts.tooMany') : undefined
  const tooLongToShow = selector.length > ADDRESS_MAX ? t('hosts.tooMany') : undefined
  const close = () => list.change({ open: undefined })
  return (
    <section className={style.bar} aria-label={t('hosts.actions')}>
      <span className={style.said} aria-live="polite">
        <strong>{t('hosts.picked', { count })}</strong>
        {hidden > 0 ? (
          <span className="om-warning"> {t('hosts.pickedHidden', { count: hidden })}</span>
        ) : null}
      </span>
      <ActionButton
        type="primary"
        blocked={launch.why ?? tooLongToShow}
        onClick={() => void navigate({ to: '/launch', search: { selector } })}
      >
        {t('hosts.runOn', { count })}
      </ActionButton>
      <ActionButton
        blocked={launch.why ?? tooLong}
        loading={check.isPending}
        onClick={() =>
          check.mutate(
            { body: { selector } },
            {
              onSuccess: ({ id }) => void navigate({ to: '/runs/$id', params: { id } }),
              onError: (error) => void message.error(errorMessage(error, lang).text),
            },
          )
        }
      >
        {t('hosts.check', { count })}
      </ActionButton>
      <ActionButton blocked={write.why ?? tooLong} onClick={() => list.change({ open: 'labels' })}>
        {t('hosts.setLabels', { count })}
      </ActionButton>
      <CopyButton shown text={addresses} label={t('hosts.copyAddresses')} />
      <ActionButton
        danger
        blocked={write.why ?? tooLong}
        onClick={() => list.change({ open: 'remove' })}
      >
        {t('hosts.remove.action', { count })}
      </ActionButton>
      <Button type="text" onClick={() => list.setPicked(new Set())}>
        {t('hosts.unpick')}
      </Button>
      {list.search.open === 'labels' ? (
        <LabelDialog hosts={hosts} selector={selector} onClose={close} />
      ) : null}
      {list.search.open === 'remove' ? <Remove list={list} onClose={close} /> : null}
    </section>
  )
}
