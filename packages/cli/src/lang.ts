// Which of the two languages the terminal speaks: LC_ALL, LC_MESSAGES, LANG, in the order POSIX gives them.

import type { Lang, Text } from '@omserver/core'

const langOf = (env: NodeJS.ProcessEnv): Lang => {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}

export const lang: Lang = langOf(process.env)

export const say = (text: Text): string => text[lang]
