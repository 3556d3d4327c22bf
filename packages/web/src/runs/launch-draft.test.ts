// What is kept of a form that was not sent: everything but secrets, and nothing that was tampered with.

import { expect, test } from 'vitest'
import { emptyDraft, parseDraft, withoutSecrets } from './launch-draft.ts'

const fields = [
  { name: 'command', kind: 'textarea' },
  { name: 'token', kind: 'secret' },
] as const

test('secret parameters and the password of the account are left out', () => {
  const draft = {
    ...emptyDraft,
    values: { command: 'uptime', token: 'hidden' },
    access: { user: 'app', method: 'su' as const, password: 'hidden' },
    note: 'before lunch',
  }
  const kept = withoutSecrets(draft, fields)
  expect(JSON.stringify(kept)).not.toContain('hidden')
  expect(parseDraft(JSON.parse(JSON.stringify(kept)))).toEqual({
    ...draft,
    values: { command: 'uptime' },
    access: { user: 'app', method: 'su' },
  })
})

test('a form without anything in it is not kept', () => {
  expect(withoutSecrets(emptyDraft, fields)).toBeUndefined()
  expect(withoutSecrets({ ...emptyDraft, values: { token: 'hidden' } }, fields)).toBeUndefined()
})

test.each([undefined, null, 'text', [], 7])('%j is no draft', (kept) =>
  expect(parseDraft(kept)).toBeUndefined(),
)

test('parts that do not fit are taken as not filled in', () => {
  expect(
    parseDraft({ values: { a: 1 }, strategy: { concurrency: 'many', retries: 2 }, check: 'yes' }),
  ).toEqual({ ...emptyDraft, values: { a: 1 }, strategy: { retries: 2 } })
})
