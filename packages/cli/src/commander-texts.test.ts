// Commander's own words, translated: checked against what this version of commander really says.

import { Command } from 'commander'
import { expect, test } from 'vitest'
import { inChinese } from './commander-texts.ts'

const said = (...argv: string[]): string => {
  let text = ''
  const om = new Command('om').exitOverride().configureOutput({
    outputError: (complaint) => {
      text = inChinese(complaint)
    },
  })
  om.command('run <module>').requiredOption('-t, --target <selector>')
  om.command('list')
  try {
    om.parse(argv, { from: 'user' })
  } catch {
    // Its complaint is what we look at.
  }
  return text.trim()
}

test.each([
  [['rum'], '错误：没有命令 rum\n（是否想用 run？）'],
  [['run', '-t', 'x'], '错误：缺少参数 module'],
  [['run', 'shell'], '错误：必须给出选项 -t, --target <selector>'],
  [['run', 'shell', '-t'], '错误：选项 -t, --target <selector> 缺少值'],
  [['list', '--frobnicate'], '错误：没有选项 --frobnicate'],
  [['list', 'all'], '错误：list 的参数过多'],
])('%j', (argv, text) => {
  expect(said(...argv).split('. Expected')[0]).toBe(text)
})
