// What each problem that core finds says to a person, in both languages: what is wrong, and what to do about it.

import type { Problem } from './problem.ts'
import type { Text } from './text.ts'

const say = (zh: string, en: string): Text => ({ zh, en })

/** By code; `{name}` is a detail of the problem. */
export const problemTexts = {
  // selectors
  SELECTOR_SYNTAX: say(
    '操作对象无法解析：“{part}”（位置 {at}）。可以写成：{expected}',
    'The selector does not parse at “{part}” (offset {at}). Write it like: {expected}',
  ),
  SELECTOR_MIXED: say(
    '操作对象中“{part}”（位置 {at}）：主机名与标签不能写在同一项里，多个主机名也不能用逗号连接。请用空格分开，例如 web-1 web-2 idc=sz,app=nginx。',
    'In the selector “{part}” (offset {at}): names and labels do not mix in one term, and a comma does not join names. Put a blank between them, such as web-1 web-2 idc=sz,app=nginx.',
  ),
  SELECTOR_RANGE: say(
    '操作对象中“{part}”（位置 {at}）过大：所有范围合计最多 {limit} 个主机名。',
    'In the selector “{part}” (offset {at}) is too large: all ranges together stand for at most {limit} names.',
  ),
  SELECTOR_LENGTH: say(
    '操作对象过长，最多 {limit} 个字符。请改用范围、标签或动态分组。',
    'The selector is too long: at most {limit} characters. Use ranges, labels or a saved group.',
  ),
  SELECTOR_TOO_LARGE: say(
    '操作对象中的通配、网段和标签条件超过 {limit} 个。请合并为标签，或分几次执行。',
    'The selector holds more than {limit} patterns, networks and label terms. Use a label for these hosts, or run in parts.',
  ),
  GROUP_UNKNOWN: say(
    '没有名为“{group}”的动态分组。请检查名称，或先保存该分组。',
    'There is no saved group called “{group}”. Check its name, or save it first.',
  ),
  GROUP_CYCLE: say(
    '动态分组“{group}”引用了自身（{path}）。请去掉其中一处引用。',
    'The group “{group}” refers to itself ({path}). Remove one of these references.',
  ),
  // strategy
  BATCH_SYNTAX: say(
    '分批“{part}”无法识别。请用台数或百分比，以逗号分隔，例如 1,10%,50%。',
    'The batch “{part}” is not a number of hosts or a percentage. Write sizes with commas between, such as 1,10%,50%.',
  ),
  THRESHOLD_SYNTAX: say(
    '失败阈值“{part}”无法识别。请填台数或百分比，例如 5 或 10%。',
    'The failure threshold “{part}” is not a number or a percentage. Write 5, or 10%.',
  ),
  DURATION_SYNTAX: say(
    '时长“{part}”无法识别。请写成 500ms、60s、5m、1h30m 这样。',
    'The duration “{part}” is not understood. Write it like 500ms, 60s, 5m, 1h30m.',
  ),
  DURATION_TOO_LONG: say(
    '时长“{part}”过长，最多 {limit}。',
    'The duration “{part}” is too long: at most {limit}.',
  ),
  ACTION_TOO_LARGE: say(
    '执行内容过大：{bytes} 字节，上限 {limit} 字节。请把大文件放入文件库，用分发代替内嵌。',
    'The action is too large: {bytes} bytes, the limit is {limit}. Put large content into the file library and copy it.',
  ),
  // commands and scripts
  SHELL_VALUE_NUL: say(
    '参数值中含有 NUL 字符（位置 {at}），命令行无法传递。请去掉它。',
    'A value holds a NUL character (offset {at}), which no command line can carry. Remove it.',
  ),
  SHELL_VALUE_TYPE: say(
    '任务模块把 {type} 放进了命令（第 {place} 个值）。命令里只能放文本、数字或它们的列表。',
    'The module put {type} into a command (value {place}). Only texts, numbers and lists of them may stand there.',
  ),
  SHELL_VALUE_SECRET: say(
    '任务模块把敏感值放进了命令（第 {place} 个值），会被同机用户看到。请改用 env 或 stdin 传递。',
    'The module put a secret into a command (value {place}), where other users of the host could read it. Pass it through env or stdin.',
  ),
  SHELL_VALUE_IN_QUOTES: say(
    '任务模块把第 {place} 个值写在了引号、注释或 here-document 里（“{after}”之后），无法安全转义。请让它单独成词。',
    'The module placed value {place} inside quotes, a comment or a here-document (after “{after}”), where it cannot be quoted safely. Let it stand as a word of its own.',
  ),
  VAR_UNSET: say(
    '该主机没有变量 {name}。请为主机补上对应的标签，或把它从操作对象中去掉。',
    'This host has no variable {name}. Give it that label, or leave the host out.',
  ),
  TEMPLATE_PARAM_UNKNOWN: say(
    '脚本第 {line} 行用到了 {{{name}}}，但表单里没有这个字段。请增加该字段，或写成 \\{{{name}}} 表示原文。',
    'Line {line} of the script uses {{{name}}}, but the form has no such field. Add the field, or write \\{{{name}}} to mean the text itself.',
  ),
  TEMPLATE_PARAM_PLACE: say(
    '脚本第 {line} 行的 {{{name}}} 位于字符串、带引号的 here-document 或算式中，无法代入。请去掉它两边的引号（参数会自动转义）。',
    '{{{name}}} in line {line} of the script stands inside a string, a quoted here-document or a computation, where it cannot be filled in. Remove the quotes around it: parameters are quoted for you.',
  ),
  TABLE_PATTERN: say(
    '表格的正则表达式无法编译：{pattern}',
    'The regular expression of the table does not compile: {pattern}',
  ),
  // forms and parameters
  FIELD_BAD: say(
    '表单字段“{field}”的 {part} 有误。请检查后再保存。',
    'The form field “{field}” is not right: see its {part}.',
  ),
  PARAM_UNKNOWN: say(
    '没有名为“{name}”的参数。可用的参数：{known}',
    'There is no parameter “{name}”. Known parameters: {known}',
  ),
  FIELD_REQUIRED: say('必填。', 'This is required.'),
  FIELD_TYPE: say('类型不对，应为 {expected}。', 'Wrong type: {expected} is expected.'),
  FIELD_INTEGER: say('应为整数。', 'This must be a whole number.'),
  FIELD_TOO_SHORT: say('至少 {min} 个字符。', 'At least {min} {min|character|characters}.'),
  FIELD_TOO_LONG: say('最多 {max} 个字符。', 'At most {max} {max|character|characters}.'),
  FIELD_TOO_FEW: say('至少 {min} 项。', 'At least {min} {min|item|items}.'),
  FIELD_TOO_MANY: say('最多 {max} 项。', 'At most {max} {max|item|items}.'),
  FIELD_TOO_SMALL: say('应 {sign} {min}。', 'This must be {sign} {min}.'),
  FIELD_TOO_BIG: say('应 {sign} {max}。', 'This must be {sign} {max}.'),
  FIELD_CHOICE: say('不在可选值之中：{choices}', 'This is none of the choices: {choices}'),
  FIELD_PATTERN: say('格式不符：{format}', 'This does not match the format: {format}'),
  FIELD_INVALID: say('内容有误：{message}', 'This is not valid: {message}'),
  // hosts files
  HOSTS_FILE_UNREADABLE: say('无法读取该文件：{reason}', 'The file cannot be read: {reason}'),
  HOSTS_FILE_TOO_LARGE: say(
    '文件过大：上限 {bytes} 字节、{hosts} 台主机。请拆成几个文件导入。',
    'The file is too large: at most {bytes} bytes and {hosts} hosts. Import it in parts.',
  ),
  HOSTS_FILE_SYNTAX: say('语法有误：{message}', 'Syntax error: {message}'),
  HOSTS_FILE_SHAPE: say(
    '结构不符，应写成：{expected}',
    'Not the expected structure. Write it like: {expected}',
  ),
  HOSTS_FILE_EMPTY: say('文件中没有主机。', 'There are no hosts in this file.'),
  HOSTS_FILE_COLUMN: say(
    '不认识的列“{column}”。标签列请写成“标签:{column}”；可用的列：{known}',
    'Unknown column “{column}”. A label column is written “label:{column}”; known columns: {known}',
  ),
  HOSTS_FILE_COLUMN_TWICE: say(
    '“{column}”出现了两次。请去掉其中一个。',
    '“{column}” stands there twice. Remove one of them.',
  ),
  HOSTS_FILE_COLUMN_MISSING: say(
    '缺少“{column}”列。第一行应为列名，例如：{expected}',
    'The column “{column}” is missing. The first line names the columns, such as: {expected}',
  ),
  HOSTS_FILE_CELLS: say(
    '这一行有 {cells} 列，表头只有 {columns} 列。含逗号的内容请用双引号括起来。',
    'This line has {cells} cells, the header has {columns} columns. Put double quotes round a value that holds a comma.',
  ),
  HOSTS_FILE_QUOTE: say('双引号没有结束。', 'A double quote is never closed.'),
  HOSTS_FILE_KEY: say(
    '不认识的字段“{key}”。可用的字段：{known}',
    'Unknown key “{key}”. Known keys: {known}',
  ),
  HOSTS_FILE_VALUE: say('“{key}”应为单个文本值。', '“{key}” must be a single text value.'),
  HOSTS_FILE_DUPLICATE: say(
    '主机名“{name}”重复，第 {first} 行已有。',
    'The host name “{name}” stands there twice; the first is in line {first}.',
  ),
  HOSTS_FILE_NAME: say(
    '主机名“{name}”不可用：须以字母、数字或下划线开头，只含字母、数字、. - _，最长 253 个字符。',
    '“{name}” is no host name: it begins with a letter, digit or underscore, holds letters, digits, . - _ only, and has at most 253 characters.',
  ),
  HOSTS_FILE_ADDRESS: say(
    '地址“{address}”不是有效的 IPv4、IPv6 地址或域名。',
    '“{address}” is no IPv4 or IPv6 address and no DNS name.',
  ),
  HOSTS_FILE_ADDRESS_MISSING: say('缺少地址（address / 内网IP）。', 'The address is missing.'),
  HOSTS_FILE_PORT: say(
    '端口“{port}”应为 1–65535 的整数。',
    'The port “{port}” must be a whole number from 1 to 65535.',
  ),
  HOSTS_FILE_DRIVER: say(
    '不认识的执行通道“{driver}”。可用：{known}',
    'Unknown driver “{driver}”. Known drivers: {known}',
  ),
  HOSTS_FILE_ENCODING: say(
    '不认识的编码“{encoding}”，例如 utf-8、gb18030。',
    'Unknown encoding “{encoding}”; utf-8 and gb18030 are examples.',
  ),
  HOSTS_FILE_LABEL: say(
    '标签“{label}”不可用：名称 1–64 个字符、值最长 256 个字符，不含控制字符。',
    'The label “{label}” cannot be used: its name has 1 to 64 characters, its value at most 256, without control characters.',
  ),
  HOSTS_FILE_RANGE: say(
    '范围“{range}”无法展开，应写成 web-[1-20] 或 web[01:20]。',
    'The range “{range}” does not expand. Write it like web-[1-20] or web[01:20].',
  ),
  HOSTS_FILE_GROUP_CYCLE: say(
    '分组“{group}”通过 children 包含了自身。',
    'The group “{group}” holds itself through its children.',
  ),
  // modules made in the web page
  MODULE_NAME_BAD: say(
    '任务模块名“{name}”不可用：小写字母开头，可用点分段，例如 mysql.backup。',
    '“{name}” is no module name: it begins with a lower-case letter and may have parts with dots between, such as mysql.backup.',
  ),
  MODULE_TEXT_MISSING: say(
    '任务模块缺少{part}。请用中文或英文填写。',
    'The module has no {part}. Write it in Chinese or in English.',
  ),
} as const satisfies Readonly<Record<string, Text>>

export type ProblemCode = keyof typeof problemTexts

/**
 * Puts details into the placeholders of a text; lists are joined, a Text detail speaks its own language.
 * `{count|host|hosts}` is the first word where the detail is 1, else the second.
 */
export const fillText = (template: Text, details: Readonly<Record<string, unknown>>): Text => ({
  zh: fill(template.zh, details, 'zh'),
  en: fill(template.en, details, 'en'),
})

const fill = (
  template: string,
  details: Readonly<Record<string, unknown>>,
  lang: 'zh' | 'en',
): string =>
  template.replace(
    /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g,
    (placeholder, name: string, one?: string, many?: string) => {
      if (!Object.hasOwn(details, name)) return placeholder
      if (one !== undefined) return (Number(details[name]) === 1 ? one : many) ?? ''
      return detailText(details[name], lang)
    },
  )

const detailText = (value: unknown, lang: 'zh' | 'en'): string => {
  if (Array.isArray(value))
    return value.map((item) => detailText(item, lang)).join(lang === 'zh' ? '、' : ', ')
  if (typeof value === 'object' && value !== null && lang in value)
    return String((value as Partial<Text>)[lang])
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemTexts, code)

/** undefined for a code that is not of core. */
export const textOfProblem = ({
  code,
  details,
}: Pick<Problem, 'code' | 'details'>): Text | undefined =>
  isProblemCode(code) ? fillText(problemTexts[code], details) : undefined
