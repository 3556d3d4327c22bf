// Language and theme, one press each.

import { DesktopOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { switchLang, useTexts } from '../i18n/index.ts'
import { keepPreferences, type Preferences, usePreferences } from './preferences.ts'

export const LangSwitch = () => {
  const { t, lang } = useTexts()
  const other = lang === 'zh' ? 'en' : 'zh'
  return (
    <Tooltip title={t('app.otherLanguage')}>
      <Button
        type="text"
        lang={other === 'zh' ? 'zh-CN' : 'en'}
        aria-label={t('app.otherLanguage')}
        onClick={async () => {
          await switchLang(other)
          keepPreferences({ lang: other })
        }}
      >
        {other === 'zh' ? '中' : 'EN'}
      </Button>
    </Tooltip>
  )
}

const order = ['auto', 'light', 'dark'] as const satisfies readonly Preferences['theme'][]
const icons = { auto: DesktopOutlined, light: SunOutlined, dark: MoonOutlined }

export const ThemeSwitch = () => {
  const { t } = useTexts()
  const { theme } = usePreferences()
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'auto'
  const Icon = icons[theme]
  const label = t('app.themeNow', { now: t(`app.theme.${theme}`), next: t(`app.theme.${next}`) })
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        icon={<Icon />}
        aria-label={label}
        onClick={() => keepPreferences({ theme: next })}
      />
    </Tooltip>
  )
}
