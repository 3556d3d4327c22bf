// A host offers another key than the one pinned: compare fingerprints before believing it.

import { type HostView, hostRoutes } from '@omserver/api'
import { Checkbox, Modal } from 'antd'
import { useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { CopyButton, ErrorNotice, toast } from '../ui/index.ts'
import style from './host-page.module.css'

export const ChangedKeyDialog = ({
  host,
  onClose,
}: {
  readonly host: HostView
  readonly onClose: () => void
}) => {
  const { t } = useTexts()
  const accept = useChange(hostRoutes.acceptKey, ['hosts.'])
  const [compared, setCompared] = useState(false)
  const offered = host.changedKey
  if (offered === null) return null
  const command = `ssh-keygen -lf /etc/ssh/ssh_host_${offered.type.replace(/^ssh-|^ecdsa-.*$/, (part) => (part === 'ssh-' ? '' : 'ecdsa'))}_key.pub`
  return (
    <Modal
      open
      width={600}
      title={t('hosts.keyAlert.title')}
      okText={t('hosts.keyAlert.accept', { name: host.name })}
      okButtonProps={{ danger: true, disabled: !compared, loading: accept.isPending }}
      cancelText={t('ui.cancel')}
      onCancel={onClose}
      onOk={() =>
        accept.mutate(
          { params: { id: host.id }, body: { fingerprint: offered.fingerprint } },
          {
            onSuccess: () => {
              toast.success(t('hosts.keyAlert.done', { name: host.name }))
              onClose()
            },
          },
        )
      }
    >
      <div className="om-stack">
        <p>{t('hosts.keyAlert.why')}</p>
        <dl className={style.keys}>
          <div className={style.key}>
            <dt className="om-soft">{t('hosts.keyAlert.pinned')}</dt>
            <dd>
              {host.hostKey === null ? '–' : `${host.hostKey.type} ${host.hostKey.fingerprint}`}
            </dd>
          </div>
          <div className={`${style.key} ${style.offered}`}>
            <dt className="om-danger">{t('hosts.keyAlert.offered')}</dt>
            <dd>
              {offered.type} {offered.fingerprint}
            </dd>
          </div>
        </dl>
        <div>
          <p className="om-soft">{t('hosts.keyAlert.how')}</p>
          <code className="om-breakable">{command}</code>
          <CopyButton text={command} label={t('hosts.keyAlert.copy')} />
        </div>
        <Checkbox checked={compared} onChange={({ target }) => setCompared(target.checked)}>
          {t('hosts.keyAlert.compared')}
        </Checkbox>
        <ErrorNotice error={accept.error} />
      </div>
    </Modal>
  )
}
