// What stands around every address: sign-in first, then the shell; a forced change of password before all else. When a
// session ends, the page stays and sign-in comes over it: what somebody was writing is theirs.

import { ApiError } from '@omserver/api'
import { Outlet, useMatch, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useSignedOut } from '../api/index.ts'
import { authPages } from '../auth/index.ts'
import { MeProvider, useSession } from '../session/index.ts'
import { ErrorNotice, LoadingLines } from '../ui/index.ts'

// The shell is not part of the first page a visitor sees; it is on its way while they type their password.
const loadShell = () => import('./shell.tsx')
const Shell = lazy(async () => ({ default: (await loadShell()).Shell }))
const ForcedPassword = authPages.forced
const SignInAgain = authPages.again

const Waiting = () => {
  return (
    <div style={{ display: 'grid', placeItems: 'center', height: '100dvh' }}>
      <div style={{ width: 'min(360px, 80vw)' }}>
        <LoadingLines lines={3} />
      </div>
    </div>
  )
}

/** Once: while the sign-in page loads, the address has changed already and must not be taken for where to return to. */
const ToLogin = () => {
  const router = useRouter()
  useEffect(() => {
    const { pathname, href } = router.state.location
    if (pathname === '/login') return
    void router.navigate({
      to: '/login',
      search: href === '/' ? {} : { next: href },
      replace: true,
    })
  }, [router])
  return <Waiting />
}

const SignedIn = () => {
  const session = useSession()
  const over = useSignedOut()
  if (session.data !== undefined) {
    return (
      <MeProvider value={session.data}>
        <Suspense fallback={<Waiting />}>
          {session.data.mustChangePassword ? <ForcedPassword /> : <Shell />}
        </Suspense>
        <Suspense>{over ? <SignInAgain /> : null}</Suspense>
      </MeProvider>
    )
  }
  if (session.error instanceof ApiError && session.error.status === 401) {
    return <ToLogin />
  }
  if (session.error !== null) {
    return (
      <div style={{ maxWidth: 560, margin: '15vh auto 0', padding: 16 }}>
        <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
      </div>
    )
  }
  return <Waiting />
}

export const Frame = () => {
  // By the page on the screen, not by the address: while the next page loads, the old one still needs its frame.
  const atLogin = useMatch({ from: '/login', shouldThrow: false }) !== undefined
  useEffect(() => {
    const timer = setTimeout(() => void loadShell(), 1500)
    return () => clearTimeout(timer)
  }, [])
  return atLogin ? <Outlet /> : <SignedIn />
}
