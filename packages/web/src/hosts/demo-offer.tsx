// For an empty house: two hundred simulated hosts to try everything on, without touching a machine.

import { hostRoutes } from '@omserver/api'

import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, toast } from '../ui/index.ts'
import style from './demo-offer.module.css'

const HOSTS = 200

export const DemoOffer = () => {
  const { t } = useTexts()
  const write = useMay('host.write')
  const demo = useChange(hostRoutes.demo, ['hosts.', 'groups.'])
  return (
    <section className={style.offer}>
      <div className={style.text}>
        <strong>{t('hosts.demo.title')}</strong>
        <p>{t('hosts.demo.body', { count: HOSTS })}</p>
        <ErrorNotice error={demo.error} />
      </div>
      <ActionButton
        blocked={write.why}
        loading={demo.isPending}
        onClick={() =>
          demo.mutate(
            { body: { hosts: HOSTS } },
            {
              onSuccess: ({ added }) => toast.success(t('hosts.demo.done', { count: added })),
            },
          )
        }
      >
        {t('hosts.demo.add', { count: HOSTS })}
      </ActionButton>
    </section>
  )
}
