// What can be done with the ticked hosts. Every button says to how many.

import { trustRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { lazy, Suspense, useMemo } from 'react'
import { errorMessage, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, CopyButton, toast } from '../ui/index.ts'
import style from './host-actions.module.css'
import { ADDRESS_MAX, SELECTOR_MAX } from './picking.ts'
import type { HostList } from './use-host-list.ts'

const LabelDialog = lazy(async () => ({
  default: (await import('./label-dialog.tsx')).LabelDialog,
}))
const RemoveDialog = lazy(async () => ({
  default: (await import('./remove-dialog.tsx')).RemoveDialog,
}))

export const HostActions = ({ list }: { readonly list: HostList }) => {
  const { t, lang } = useTexts()
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
              onError: (error) => toast.error(errorMessage(error, lang).text),
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
      <Suspense>
        {list.search.open === 'labels' ? (
          <LabelDialog hosts={hosts} selector={selector} onClose={list.close} />
        ) : null}
        {list.search.open === 'remove' ? <RemoveDialog list={list} onClose={list.close} /> : null}
      </Suspense>
    </section>
  )
}
