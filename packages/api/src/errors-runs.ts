// Errors of modules and runs.

import { entry } from './error-entry.ts'

export const runErrors = {
  MODULE_UNKNOWN: entry(404, '没有这个任务模块：{module}', 'There is no module {module}.'),
  MODULE_EXISTS: entry(
    409,
    '任务模块 {module} 已存在。',
    'A module named {module} exists already.',
  ),
  MODULE_THREW: entry(
    422,
    '任务模块 {module} 出错：{message}',
    'The module {module} failed: {message}',
  ),
  MODULE_TIMEOUT: entry(
    422,
    '任务模块 {module} 在 {seconds} 秒内没有给出执行内容，已终止。',
    'The module {module} gave no action within {seconds} s and was stopped.',
  ),
  FIELD_UNKNOWN: entry(
    404,
    '没有参数 {field}，或它的可选值是固定的。',
    'There is no parameter {field}, or its choices are fixed.',
  ),
  CHOICES_FAILED: entry(
    422,
    '无法取得 {field} 的可选值：{message}',
    'The choices of {field} could not be read: {message}',
  ),
  VERSION_UNKNOWN: entry(404, '没有版本 {version}。', 'There is no version {version}.'),
  VERSION_CONFLICT: entry(
    409,
    '在你编辑期间已有人保存了版本 {version}。请查看差异后再保存。',
    'Version {version} was saved while you were editing. Look at the difference, then save again.',
  ),
  PARAMS_INVALID: entry(400, '参数有误：{problems}', 'The parameters are not valid: {problems}'),
  SELECTOR_EMPTY: entry(
    400,
    '没有主机符合 {selector}，未执行任何操作。',
    'No host matches {selector}; nothing was done.',
  ),
  SELECTOR_UNKNOWN_NAMES: entry(
    400,
    '没有这些主机：{names}。未执行任何操作。',
    'There are no such hosts: {names}. Nothing was done.',
  ),
  CONFIRM_NEEDED: entry(
    409,
    '将在 {hosts} 台主机上执行，请确认主机数后再发起。{reason}',
    'This runs on {hosts} {hosts|host|hosts}. Confirm that number to launch it. {reason}',
  ),
  COUNT_MISMATCH: entry(
    409,
    '你确认的是 {confirmed} 台主机，但现在是 {hosts} 台。未执行任何操作，请重新确认。',
    'You confirmed {confirmed} {confirmed|host|hosts}, but there {hosts|is|are} {hosts} now. Nothing was done; confirm again.',
  ),
  DRIVER_LACKS: entry(
    400,
    '执行通道 {driver} 不支持 {action}（主机 {host}）。',
    'The driver {driver} cannot carry out {action} (host {host}).',
  ),
  RUN_UNKNOWN: entry(404, '没有这次执行：{run}', 'There is no run {run}.'),
  RUN_ENDED: entry(409, '这次执行已经结束。', 'This run has ended already.'),
  RUN_NOT_ENDED: entry(409, '这次执行尚未结束。', 'This run has not ended yet.'),
  RERUN_NOTHING: entry(
    409,
    '没有需要重运行的主机：执行 {run} 中没有主机符合所选范围。',
    'There is nothing to run again: no host of run {run} is among those you chose.',
  ),
  RUN_ID_TAKEN: entry(409, '编号 {run} 已用于另一次执行。', 'The id {run} belongs to another run.'),
  SECRET_NEEDED: entry(
    400,
    '请重新填写保密参数：{names}。它们在上次执行结束后已被删除。',
    'Give the secret values again: {names}. They were forgotten when the run ended.',
  ),
  NO_TABLE: entry(
    409,
    '任务模块 {module} 的输出没有声明表格列。',
    'The module {module} does not declare columns for its output.',
  ),
  // the engine and the controllers behind it
  CONTROLLER_UNKNOWN: entry(
    404,
    '没有主控端 {controller}。',
    'There is no controller {controller}.',
  ),
  CONTROLLER_EXISTS: entry(
    409,
    '主控端 {controller} 已登记。要换密钥，请先吊销。',
    'The controller {controller} is enrolled. To give it another key, revoke it first.',
  ),
  NO_CONTROLLER_ENROLLED: entry(
    409,
    '机房 {idc} 没有已登记的主控端，无法下发执行内容。',
    'No controller is enrolled in IDC {idc}: nobody could open what is sent there.',
  ),
  ENGINE_CLOSED: entry(
    503,
    '服务正在停止，请稍后再试。',
    'The server is stopping. Try again in a moment.',
  ),
  BUS_NOBODY: entry(
    503,
    '机房 {idc} 没有在线的主控端，无法处理 {method}。',
    'No controller is present in IDC {idc} to answer {method}.',
  ),
  BUS_TIMEOUT: entry(
    504,
    '机房 {idc} 的主控端在 {ms} 毫秒内没有回应 {method}。',
    'The controller in IDC {idc} did not answer {method} within {ms} ms.',
  ),
  BUS_CANCELLED: entry(409, '{method} 已取消。', '{method} was cancelled.'),
  BUS_FAILED: entry(
    502,
    '主控端处理 {method} 时出错：{message}',
    'The controller failed at {method}: {message}',
  ),
  BLOBS_FULL: entry(
    507,
    '待分发文件的暂存已满，上限 {limit} 字节。等正在进行的执行结束后再试。',
    'The store of files under way is full; its limit is {limit} bytes. Try again when the present runs have ended.',
  ),
  BLOB_MISSING: entry(
    409,
    '要分发的文件内容（{blob}）已不存在。请重新发起。',
    'The content of the file to copy ({blob}) is gone. Launch again.',
  ),
} as const
