// A module as lines: everything that can be set is among them, or a difference would go unseen.

import type { CustomInput } from '@omserver/api'
import { expect, test } from 'vitest'
import { draftText } from './draft-text.ts'

const t = (zh: string, en: string) => ({ zh, en })
const draft: CustomInput = {
  name: 'app.clean',
  title: t('清理', 'Clean'),
  summary: t('', 'Removes'),
  category: 'custom',
  fields: [
    {
      name: 'mode',
      kind: 'select',
      title: t('方式', 'Mode'),
      required: true,
      default: 'a',
      choices: [
        { value: 'a', title: t('a', 'a') },
        { value: 'b', title: t('乙', 'Bee') },
      ],
      help: t('帮助', 'Help'),
      placeholder: 'such',
      pattern: '[ab]',
      when: { field: 'on', in: [true, false] },
      minLength: 1,
      maxLength: 2,
    },
    {
      name: 'n',
      kind: 'number',
      title: t('数', 'N'),
      required: false,
      min: 0,
      max: 9,
      integer: true,
    },
    {
      name: 'app',
      kind: 'select',
      title: t('应用', 'App'),
      required: false,
      choicesFrom: { from: 'label', label: 'app' },
    },
  ],
  script: { interpreter: 'sh', content: 'echo 1\necho 2\n' },
  dangerous: t('会删', 'Deletes'),
  timeoutMs: 5000,
  runAs: { user: 'app', method: 'su' },
  table: {
    columns: [{ key: 'size', title: t('', ''), type: 'bytes' }],
    rows: { by: 'split', at: ':', skip: 1 },
  },
}

test('in lines', () => {
  const words = { word: (word: string) => word, kind: (kind: string) => `a ${kind}` }
  expect(draftText(draft, words)).toBe(
    `name: app.clean
title: 清理 / Clean
summary: Removes
dangerous: 会删 / Deletes
timeout: 5 s
runAs: app (su)
field mode: 方式 / Mode (a select, required)
  help: 帮助 / Help
  placeholder: such
  pattern: [ab]
  default: a
  choices: a, b = 乙 / Bee
  choicesFrom: 
  when: on = true, false
  minLength: 1
  maxLength: 2
field n: 数 / N (a number, integer)
  min: 0
  max: 9
field app: 应用 / App (a select)
  choicesFrom: label app
table: split at=: skip=1
  column size: size (bytes)
script: sh
echo 1
echo 2
`.replace('  choicesFrom: \n', ''),
  )
})
