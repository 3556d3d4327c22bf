// Starts i18next, switches language, and gives components their texts, numbers and times.

import type { Lang, Text } from '@omserver/core'
import i18next, { type TFunction } from 'i18next'
import { useMemo } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { browserLang, loadLanguage, type Texts } from './languages.ts'
import { loadMore, type More } from './more.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'screen'
    resources: { screen: Texts }
  }
}

const htmlLang: Readonly<Record<Lang, string>> = { zh: 'zh-CN', en: 'en' }

export const startTexts = async (kept: Lang | undefined): Promise<void> => {
  const lang = kept ?? browserLang()
  const language = await loadLanguage(lang)
  await i18next.use(initReactI18next).init({
    lng: lang,
    fallbackLng: false,
    defaultNS: 'screen',
    ns: ['screen'],
    resources: { [lang]: { screen: language.texts } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  })
  document.documentElement.lang = htmlLang[lang]
}

/** Asked for by the pages that were opened: the other language needs them as well. */
const wanted = new Set<More>()

const addMore = async (lang: Lang, part: More): Promise<void> => {
  const texts = await loadMore[lang][part]()
  i18next.addResourceBundle(lang, 'screen', { [part]: texts }, true, true)
}

/** A page together with the texts that only it needs. */
export const withTexts = async <T>(part: More, page: Promise<T>): Promise<T> => {
  wanted.add(part)
  const [loaded] = await Promise.all([page, addMore(i18next.language === 'en' ? 'en' : 'zh', part)])
  return loaded
}

export const switchLang = async (lang: Lang): Promise<void> => {
  const language = await loadLanguage(lang)
  i18next.addResourceBundle(lang, 'screen', language.texts, true, true)
  await Promise.all([...wanted].map((part) => addMore(lang, part)))
  await i18next.changeLanguage(lang)
  document.documentElement.lang = htmlLang[lang]
}

interface ScreenTexts {
  readonly t: TFunction<'screen'>
  readonly lang: Lang
  /** The side of a two-language text that is on the screen now. */
  readonly say: (text: Text) => string
  /** 12,345 */
  readonly number: (value: number) => string
  /** 2026-11-22 14:03:27, local time, to the second */
  readonly exactTime: (ms: number) => string
  /** `3 minutes ago` seen from `now`, both ms */
  readonly relativeTime: (ms: number, now: number) => string
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]

const formatsOf = (lang: Lang) => {
  const tag = htmlLang[lang]
  const numbers = new Intl.NumberFormat(tag)
  // Swedish writes ISO order, which both audiences read without thinking of month-first or day-first.
  const exact = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
  return {
    number: (value: number) => numbers.format(value),
    exactTime: (ms: number) => exact.format(ms),
    relativeTime: (ms: number, now: number) => {
      const away = ms - now
      const [unit, length] = steps.find(([, size]) => Math.abs(away) >= size) ?? ['second', 1000]
      return relative.format(Math.trunc(away / length), unit)
    },
  }
}

const formats: Readonly<Record<Lang, ReturnType<typeof formatsOf>>> = {
  zh: formatsOf('zh'),
  en: formatsOf('en'),
}

export const useTexts = (): ScreenTexts => {
  const { t, i18n } = useTranslation('screen')
  const lang: Lang = i18n.language === 'en' ? 'en' : 'zh'
  return useMemo(() => ({ t, lang, say: (text) => text[lang], ...formats[lang] }), [t, lang])
}
