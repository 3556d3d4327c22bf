// The languages of the screen, each loaded as one chunk when it is chosen.

import type { Lang } from '@omserver/core'
import type { Locale } from 'antd/es/locale'
import type { en } from './en.ts'
import type { MoreTexts } from './more.ts'

export type Texts = typeof en & MoreTexts

interface Language {
  readonly texts: object
  readonly antd: Locale
}

const load: Readonly<Record<Lang, () => Promise<Language>>> = {
  zh: async () => {
    const [texts, antd] = await Promise.all([import('./zh.ts'), import('antd/es/locale/zh_CN')])
    return { texts: texts.zh, antd: antd.default }
  },
  en: async () => {
    const [texts, antd] = await Promise.all([import('./en.ts'), import('antd/es/locale/en_US')])
    return { texts: texts.en, antd: antd.default }
  },
}

const loaded = new Map<Lang, Language>()

export const loadLanguage = async (lang: Lang): Promise<Language> => {
  const language = loaded.get(lang) ?? (await load[lang]())
  loaded.set(lang, language)
  return language
}

/** The texts of antd's own controls; undefined until that language was loaded. */
export const antdTexts = (lang: Lang): Locale | undefined => loaded.get(lang)?.antd

/** What the browser asks for: Chinese of any kind gets Chinese, all else English. */
export const browserLang = (): Lang => (navigator.language.startsWith('zh') ? 'zh' : 'en')
