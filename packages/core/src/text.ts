// A text in both languages of the product. Everything a person reads is one of these or a coded message.

export type Lang = 'zh' | 'en'
export const langs: readonly Lang[] = ['zh', 'en']

export interface Text {
  readonly zh: string
  readonly en: string
}
