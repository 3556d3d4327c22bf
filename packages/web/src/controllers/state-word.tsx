// The state of a controller: colour, shape and word.

import type { ControllerState } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import { WordMark } from '../status/index.ts'

const looksLike = {
  online: 'ok',
  draining: 'skipped',
  offline: 'unreachable',
  notEnrolled: 'queued',
  revoked: 'aborted',
} as const satisfies Record<ControllerState, string>

export const StateWord = ({ state }: { readonly state: ControllerState }) => {
  const { t } = useTexts()
  return <WordMark like={looksLike[state]} label={t(`controllers.state.${state}`)} />
}
