// The icons of the antd that is installed are what the page's build expects to change.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { hideIcon } from './decorative-icons.ts'

const icons = dirname(createRequire(import.meta.url).resolve('@ant-design/icons/package.json'))

test.each(['AntdIcon.js', 'AntdIconLight.js'])('%s', (file) => {
  const source = readFileSync(join(icons, 'es/components', file), 'utf8')
  expect(hideIcon(source)).toContain("{ 'aria-hidden': true }")
})

test('a source that was rewritten stops the build', () => {
  expect(() => hideIcon('export default Icon')).toThrow('decorative-icons.ts')
})
