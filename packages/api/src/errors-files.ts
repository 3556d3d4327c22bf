// Errors of the file library, and of what copies and fetches refer to.

import { entry } from './error-entry.ts'

export const fileErrors = {
  FILE_UNKNOWN: entry(404, '文件库中没有 {file}。', 'There is no {file} in the file library.'),
  FILE_VERSION_UNKNOWN: entry(
    404,
    '文件 {file} 没有版本 {version}。',
    'The file {file} has no version {version}.',
  ),
  FILE_TOO_LARGE: entry(
    413,
    '文件超过上限 {limit} 字节，未保存。上限可在设置中修改。',
    'The file is larger than the limit of {limit} bytes; nothing was kept. The limit is in the settings.',
  ),
  FILE_INCOMPLETE: entry(
    400,
    '上传中断：应有 {expected} 字节，只收到 {received} 字节。未保存，请重新上传。',
    'The upload was cut off: {received} of {expected} bytes came. Nothing was kept; upload it again.',
  ),
  FILE_IN_USE: entry(
    409,
    '{file} 正被执行 {runs} 使用，待其结束后再删除。',
    '{file} is in use by the run {runs}; delete it when that has ended.',
  ),
  FILE_GONE: entry(
    409,
    '这次执行要分发的文件 {file} 已从文件库中删除。请重新上传后再发起。',
    'The file {file} of this run was removed from the library. Upload it again, then launch.',
  ),
  NOTHING_FETCHED: entry(
    404,
    '执行 {run} 没有收集到文件。',
    'The run {run} has collected no file.',
  ),
  FILE_NOT_TEXT: entry(
    400,
    '模板 {file} 须为不超过 {limit} 字节的 UTF-8 文本。',
    'The template {file} must be UTF-8 text of at most {limit} bytes.',
  ),
} as const
