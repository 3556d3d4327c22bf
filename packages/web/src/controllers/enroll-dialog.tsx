// Enrolling a controller: its name, its IDC and its public key, which is compared on its own machine.

import { type ControllerView, controllerRoutes } from '@omserver/api'
import { Modal } from 'antd'
import { useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ErrorNotice, Field, TextInput } from '../ui/index.ts'

interface Props {
  /** Undefined: one that has not been heard of yet. */
  readonly controller: ControllerView | undefined
  readonly onClose: () => void
}

/** Rendered only while it is open. */
export const EnrollDialog = ({ controller, onClose }: Props) => {
  const { t } = useTexts()
  const enroll = useChange(controllerRoutes.enroll, ['controllers.'])
  const [name, setName] = useState(controller?.name ?? '')
  const [idc, setIdc] = useState(controller?.idcs[0] ?? '')
  const [sealKey, setSealKey] = useState(controller?.sealKey ?? '')
  const ready = [name, idc, sealKey].every((text) => text.trim() !== '')
  return (
    <Modal
      open
      title={t('controllers.enrollTitle')}
      okText={t('controllers.enroll')}
      okButtonProps={{ disabled: !ready, loading: enroll.isPending }}
      cancelText={t('ui.cancel')}
      onCancel={onClose}
      onOk={() =>
        enroll.mutate(
          { body: { name: name.trim(), idc: idc.trim(), sealKey: sealKey.trim() } },
          { onSuccess: onClose },
        )
      }
    >
      <div className="om-stack">
        <p className="om-soft">{t('controllers.enrollNote')}</p>
        <Field label={t('controllers.name')} required>
          {(control) => (
            <TextInput
              {...control}
              autoComplete="off"
              autoCapitalize="off"
              value={name}
              onText={setName}
            />
          )}
        </Field>
        <Field label={t('controllers.idc')} required>
          {(control) => (
            <TextInput
              {...control}
              autoComplete="off"
              autoCapitalize="off"
              value={idc}
              onText={setIdc}
            />
          )}
        </Field>
        <Field
          label={t('controllers.sealKey')}
          help={
            controller?.fingerprint
              ? t('controllers.compare', { fingerprint: controller.fingerprint })
              : t('controllers.sealKeyHelp')
          }
          required
        >
          {(control) => (
            <TextInput {...control} autoComplete="off" value={sealKey} onText={setSealKey} />
          )}
        </Field>
        <ErrorNotice error={enroll.error} />
      </div>
    </Modal>
  )
}
