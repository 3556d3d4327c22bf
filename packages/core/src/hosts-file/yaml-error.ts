// What the YAML parser has against a text, in both languages: it speaks English only.

import type { YAMLError } from 'yaml'
import type { Text } from '../text.ts'

const said: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: '引用（*）不能再带锚点或标签',
  BAD_ALIAS: '引用（*）有误，或没有对应的锚点（&）',
  BAD_COLLECTION_TYPE: '结构类型不符',
  BAD_DIRECTIVE: '指令行（%）有误',
  BAD_DQ_ESCAPE: '双引号内的转义（\\）有误',
  BAD_INDENT: '缩进有误',
  BAD_PROP_ORDER: '锚点和标签应写在值之前',
  BAD_SCALAR_START: '值以保留字符开头，请加引号',
  BLOCK_AS_IMPLICIT_KEY: '键和值的层级有误，请检查缩进和冒号',
  BLOCK_IN_FLOW: '花括号或方括号内不能换用缩进写法',
  DUPLICATE_KEY: '键重复',
  KEY_OVER_1024_CHARS: '键太长',
  MISSING_CHAR: '缺少字符，如逗号、冒号、引号或括号',
  MULTILINE_IMPLICIT_KEY: '键不能跨行，请检查冒号和引号',
  MULTIPLE_ANCHORS: '一个值只能有一个锚点（&）',
  MULTIPLE_TAGS: '一个值只能有一个标签（!）',
  NON_STRING_KEY: '键应为文字',
  RESOURCE_EXHAUSTION: '引用展开后过大',
  TAB_AS_INDENT: '不能用制表符缩进，请改用空格',
  TAG_RESOLVE_FAILED: '标签（!）无法识别',
  UNEXPECTED_TOKEN: '此处有多余或意外的字符',
}

export const yamlMessage = ({ code, message }: Pick<YAMLError, 'code' | 'message'>): Text => ({
  zh: said[code] ?? 'YAML 无法解析',
  en: message.slice(0, 200),
})
