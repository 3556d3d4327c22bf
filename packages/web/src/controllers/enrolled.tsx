// By what a controller was enrolled: its certificate, and until when that is good, or a person.

import type { ControllerView } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import style from './controllers.module.css'

export const Enrolled = ({ of }: { readonly of: ControllerView }) => {
  const { t } = useTexts()
  const { enrolled, certificate } = of
  if (enrolled === null) return <span className="om-soft">–</span>
  const day = certificate === null ? '' : new Date(certificate.endsAt).toISOString().slice(0, 10)
  return (
    <span>
      {enrolled.how === 'certificate' ? t('controllers.byCertificate') : enrolled.by}
      {certificate !== null && (
        <span className={`om-soft ${style['until']}`}>
          {' '}
          {certificate.endsAt > Date.now()
            ? t('controllers.certificateUntil', { day })
            : t('controllers.certificateEnded', { day })}
        </span>
      )}
    </span>
  )
}
