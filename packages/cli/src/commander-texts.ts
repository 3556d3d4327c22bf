// What commander itself says, in the language of the terminal: headings of the help, and complaints.

import { stripVTControlCharacters } from 'node:util'
import type { Command } from 'commander'
import { cellsOf } from './cells.ts'
import { lang } from './lang.ts'

const headings: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Global Options:': '全局选项：',
  'Commands:': '命令：',
}

const complaints: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'/s, '错误：没有命令 $1'],
  [/^error: unknown option '(.*)'/s, '错误：没有选项 $1'],
  [/^error: missing required argument '(.*)'/s, '错误：缺少参数 $1'],
  [/^error: required option '(.*)' not specified/s, '错误：必须给出选项 $1'],
  [/^error: option '(.*)' argument missing/s, '错误：选项 $1 缺少值'],
  [/^error: too many arguments(?: for '(.*?)')?/s, '错误：$1 的参数过多'],
  [/\(Did you mean (?:one of )?(.*)\?\)/s, '（是否想用 $1？）'],
]

export const inChinese = (text: string): string =>
  complaints.reduce((said, [pattern, chinese]) => said.replace(pattern, chinese), text)

/** Call before commands are added: they inherit it. */
export const speak = (program: Command): Command => {
  const chinese = lang === 'zh'
  program.configureHelp({
    // Commander's own counts a Chinese character as one cell, and wraps no column narrower than forty.
    displayWidth: (text) => cellsOf(stripVTControlCharacters(text)),
    minWidthToWrap: 24,
    ...(chinese ? { styleTitle: (title: string) => headings[title] ?? title } : {}),
  })
  if (!chinese) return program
  return program
    .helpOption('-h, --help', '显示用法')
    .helpCommand('help [command]', '显示某个命令的用法')
    .configureOutput({ outputError: (text, write) => write(inChinese(text)) })
}
