// A text in both languages of the product. Everything a person reads is one of these or a coded message.

export type Lang = 'zh' | 'en'
export const langs: readonly Lang[] = ['zh', 'en']

export interface Text {
  readonly zh: string
  readonly en: string
}

export const isBlank = ({ zh, en }: Text): boolean => zh.trim() === '' && en.trim() === ''

/** What was written in one language stands in for the other: a blank would leave a field without a name. */
export const inBoth = ({ zh, en }: Text): Text => ({
  zh: zh.trim() === '' ? en : zh,
  en: en.trim() === '' ? zh : en,
})
