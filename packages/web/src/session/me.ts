// Who is signed in, and what they may do. The server decides; the screen shows it and says why not.

import { type ActorView, authRoutes } from '@omserver/api'
import type { Permission } from '@omserver/core'
import { createContext, useContext } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'

export const useSession = () => useAnswer(authRoutes.me, {}, { staleTime: 60_000 })

const MeContext = createContext<ActorView | undefined>(undefined)
export const MeProvider = MeContext.Provider

/** The signed-in person. Only inside the shell, which renders nothing until it is known. */
export const useMe = (): ActorView => {
  const me = useContext(MeContext)
  if (me === undefined) throw new Error('useMe outside of the shell')
  return me
}

interface May {
  readonly allowed: boolean
  /** Why not, in the language of the screen; undefined when allowed. Goes straight into `blocked` of a button. */
  readonly why: string | undefined
}

export const useMay = (permission: Permission): May => {
  const me = useMe()
  const { t } = useTexts()
  if (me.permissions.includes(permission)) return { allowed: true, why: undefined }
  return {
    allowed: false,
    why: t('app.mayNot', {
      what: t(`app.permission.${permission}`),
      role: t(`app.role.${me.role}`),
    }),
  }
}
