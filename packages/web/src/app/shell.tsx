// The frame of every page: navigation, top bar, the page itself; on a phone a drawer and a bar at the thumb.

import {
  MenuFoldOutlined,
  MenuOutlined,
  MenuUnfoldOutlined,
  SearchOutlined,
} from '@ant-design/icons'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Button, Tooltip } from 'antd'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { type KeyMap, useKeys } from '../keyboard/index.ts'
import { keepPreferences, LangSwitch, ThemeSwitch, usePreferences } from '../session/index.ts'
import { Toasts } from '../ui/index.ts'
import { allPlaces, thumbPlaces } from './navigation.ts'
import { Places } from './places.tsx'
import style from './shell.module.css'
import { stepRow } from './step-row.ts'
import { UserMenu } from './user-menu.tsx'

const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }))
const Finder = lazy(async () => ({ default: (await import('./finder.tsx')).Finder }))
const PhoneMenu = lazy(async () => ({ default: (await import('./phone-menu.tsx')).PhoneMenu }))

const ThumbBar = ({ onMore }: { readonly onMore: () => void }) => {
  const { t } = useTexts()
  return (
    <nav className={style.thumbs} aria-label={t('app.shortNavigation')}>
      {allPlaces
        .filter(({ name }) => thumbPlaces.some((thumb) => thumb === name))
        .map(({ name, to, icon: Icon }) => (
          <Link
            key={name}
            to={to}
            className={style.thumb}
            activeProps={{ className: `${style.thumb} ${style.here}` }}
          >
            <Icon aria-hidden />
            {t(`app.place.${name}`)}
          </Link>
        ))}
      <button type="button" className={style.thumb} onClick={onMore}>
        <MenuOutlined aria-hidden />
        {t('app.more')}
      </button>
    </nav>
  )
}

const useGlobalKeys = (open: (what: 'finder' | 'help') => void): void => {
  const navigate = useNavigate()
  const keys = useMemo<KeyMap>(
    () => ({
      '/': () => {
        // A page with a search of its own keeps the key.
        const own = document.querySelector<HTMLInputElement>('main [data-page-search] input')
        if (own !== null) own.focus()
        else open('finder')
      },
      '?': () => open('help'),
      j: () => stepRow(1),
      k: () => stepRow(-1),
      'g /': () => open('finder'),
      ...Object.fromEntries(
        allPlaces.map(({ key, to }) => [`g ${key}`, () => void navigate({ to })]),
      ),
    }),
    [navigate, open],
  )
  useKeys(keys, { last: true })
}

export const Shell = () => {
  const { t } = useTexts()
  const { navFolded } = usePreferences()
  const [drawer, setDrawer] = useState(false)
  const [open, setOpen] = useState<'finder' | 'help' | undefined>()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  useGlobalKeys(setOpen)
  useEffect(() => {
    // A screen reader and the keyboard begin at the new page, not at the link that led there.
    document.getElementById('main')?.focus({ preventScroll: true })
    setDrawer(false)
    return () => void pathname
  }, [pathname])
  return (
    <div className={navFolded ? `${style.shell} ${style.folded}` : style.shell}>
      <a href="#main" className={style.skip}>
        {t('app.skip')}
      </a>
      <aside className={style.side} aria-label="OMServer">
        <Link to="/" className={style.brand} aria-label="OMServer">
          <img src="/favicon.svg" alt="" width={24} height={24} />
          {navFolded ? null : <span>OMServer</span>}
        </Link>
        <Places folded={navFolded} />
        <Button
          type="text"
          className={style.fold}
          icon={navFolded ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          aria-label={navFolded ? t('app.unfold') : t('app.fold')}
          aria-expanded={!navFolded}
          onClick={() => keepPreferences({ navFolded: !navFolded })}
        />
      </aside>
      <header className={style.bar}>
        <Link to="/" className={style.phoneBrand} aria-label="OMServer">
          <img src="/favicon.svg" alt="" width={24} height={24} />
        </Link>
        <button type="button" className={style.find} onClick={() => setOpen('finder')}>
          <SearchOutlined aria-hidden />
          <span className={style.findText}>{t('app.find')}</span>
          <kbd>g /</kbd>
        </button>
        <span className={style.spread} />
        <LangSwitch />
        <ThemeSwitch />
        <Tooltip title={t('app.keys')}>
          <Button
            type="text"
            className={style.wide}
            aria-label={t('app.keys')}
            onClick={() => setOpen('help')}
          >
            ?
          </Button>
        </Tooltip>
        <UserMenu />
      </header>
      <main id="main" className={style.main} tabIndex={-1}>
        <Outlet />
      </main>
      <ThumbBar onMore={() => setDrawer(true)} />
      <Toasts />
      <Suspense>
        {drawer ? <PhoneMenu onClose={() => setDrawer(false)} /> : null}
        {open === 'help' ? <KeyHelp onClose={() => setOpen(undefined)} /> : null}
        {open === 'finder' ? <Finder onClose={() => setOpen(undefined)} /> : null}
      </Suspense>
    </div>
  )
}
