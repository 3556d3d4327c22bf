// Templates: every variable of the host is filled in, none is forgotten.

import { expect, test } from 'vitest'
import { fillTemplate } from './text-template.ts'

const vars = { 'host.name': 'web-1', 'host.labels.idc': 'sz', 'host.labels.$&': 'x' }

test('variables of the host are filled in, as they are', () => {
  expect(fillTemplate('a={{host.name}} b={{ host.labels.idc }}{{host.name}}\n', vars)).toBe(
    'a=web-1 b=szweb-1\n',
  )
  expect(fillTemplate('{{host.name}}', { 'host.name': '$& {{host.name}}' })).toBe(
    '$& {{host.name}}',
  )
})

test('what belongs to another language of templates stays', () => {
  const text = '{{ .Names }} {{user}} ${host.name} { {host.name} } {{hostname}}'
  expect(fillTemplate(text, vars)).toBe(text)
  expect(fillTemplate('\\{{host.name}}', vars)).toBe('{{host.name}}')
})

test('a variable that this host does not have is named', () => {
  expect(() => fillTemplate('{{host.labels.app}}', vars)).toThrow(
    expect.objectContaining({ code: 'VAR_UNSET', details: { name: 'host.labels.app' } }),
  )
  expect(() => fillTemplate('{{host.constructor}}', vars)).toThrow('VAR_UNSET')
})
