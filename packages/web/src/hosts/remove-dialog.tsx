// Deletes the ticked hosts, once their number has been typed.

import { hostRoutes } from '@omserver/api'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ConfirmByTyping, toast } from '../ui/index.ts'
import style from './host-actions.module.css'
import { setAll } from './picking.ts'
import type { HostList } from './use-host-list.ts'

interface RemoveDialogProps {
  readonly list: HostList
  readonly onClose: () => void
}

export const RemoveDialog = ({ list, onClose }: RemoveDialogProps) => {
  const { t } = useTexts()
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
              toast.success(t('hosts.remove.done', { count: removed }))
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
