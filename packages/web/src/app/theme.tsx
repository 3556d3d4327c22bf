// Brings the tokens onto the page: as custom properties for our style sheets, as a theme for antd.

import { SearchOutlined } from '@ant-design/icons'
import { theme as antdTheme, ConfigProvider, type ThemeConfig } from 'antd'
import { type ReactNode, useLayoutEffect, useSyncExternalStore } from 'react'
import { antdTexts, useTexts } from '../i18n/index.ts'
import { usePreferences } from '../session/index.ts'
import { fonts, measures, palette, type Theme } from '../tokens.ts'

const darkScreen = window.matchMedia('(prefers-color-scheme: dark)')
const listen = (tell: () => void) => {
  darkScreen.addEventListener('change', tell)
  return () => darkScreen.removeEventListener('change', tell)
}

const propertyName = (name: string): string =>
  `--om-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

const properties = (theme: Theme): string =>
  Object.entries(palette[theme])
    .map(([name, value]) => `${propertyName(name)}:${value}`)
    .join(';')

const sheet = [
  `:root{${properties('light')};--om-font-text:${fonts.text};--om-font-code:${fonts.code};`,
  `--om-nav:${measures.nav}px;--om-nav-folded:${measures.navFolded}px;--om-bar:${measures.bar}px}`,
  `:root[data-theme=dark]{${properties('dark')}}`,
].join('')

const antdThemeOf = (theme: Theme): ThemeConfig => {
  const colors = palette[theme]
  return {
    algorithm: theme === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    hashed: false,
    cssVar: { key: 'om' },
    token: {
      colorPrimary: colors.accent,
      colorInfo: colors.accent,
      colorLink: colors.accent,
      colorLinkHover: colors.accentHover,
      colorError: colors.danger,
      colorWarning: colors.warning,
      colorSuccess: colors.good,
      // What antd works out from dark text colours is mud.
      colorErrorBg: colors.dangerSoft,
      colorWarningBg: colors.warningSoft,
      colorSuccessBg: colors.goodSoft,
      colorInfoBg: colors.accentSoft,
      controlItemBgActive: colors.accentSoft,
      controlItemBgActiveHover: colors.accentSoft,
      colorText: colors.text,
      colorTextSecondary: colors.textSoft,
      colorTextDescription: colors.textSoft,
      colorTextPlaceholder: colors.textFaint,
      colorTextLightSolid: colors.onAccent,
      colorBgBase: colors.card,
      colorBgLayout: colors.page,
      colorBgContainer: colors.card,
      colorBgElevated: colors.raised,
      colorBorder: colors.lineStrong,
      colorBorderSecondary: colors.line,
      fontFamily: fonts.text,
      fontFamilyCode: fonts.code,
      fontSize: measures.fontSize,
      controlHeight: measures.control,
      borderRadius: measures.radius,
      wireframe: false,
      // Where nothing moves, antd must not wait for the end of a movement.
      motion: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
      Tooltip: {
        colorBgSpotlight: theme === 'dark' ? '#39424a' : '#252c33',
        colorTextLightSolid: '#f4f6f8',
      },
      Segmented: { trackBg: colors.chip, itemSelectedBg: colors.card },
      Form: { itemMarginBottom: 16, verticalLabelPadding: '0 0 4px' },
    },
  }
}

const themes: Readonly<Record<Theme, ThemeConfig>> = {
  light: antdThemeOf('light'),
  dark: antdThemeOf('dark'),
}

export const ThemeProvider = ({ children }: { readonly children: ReactNode }) => {
  const { lang, t } = useTexts()
  const preferred = usePreferences().theme
  const dark = useSyncExternalStore(listen, () => darkScreen.matches)
  const theme: Theme = preferred === 'auto' ? (dark ? 'dark' : 'light') : preferred
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return (
    <>
      <style href="om-tokens" precedence="first">
        {sheet}
      </style>
      <ConfigProvider
        theme={themes[theme]}
        locale={antdTexts(lang)}
        button={{ autoInsertSpace: false }}
        // The only buttons of antd that are nothing but an icon: it is their name (see decorative-icons.ts).
        tabs={{
          more: {
            icon: (
              <span role="img" aria-label={t('ui.more')}>
                ⋯
              </span>
            ),
          },
        }}
        inputSearch={{ searchIcon: <SearchOutlined aria-label={t('ui.search')} /> }}
      >
        {children}
      </ConfigProvider>
    </>
  )
}
