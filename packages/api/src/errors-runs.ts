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
  OVERLORD_UNKNOWN: entry(
    400,
    '接入点 {endpoint} 的 Func 主控机 {overlord} 不在主机列表中。先添加该主机，或修改接入点。',
    'The overlord {overlord} of the endpoint {endpoint} is not among the hosts. Add it, or change the endpoint.',
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
    '{peer} 处理 {method} 时出错，原因见它的日志（调用 {call}）。',
    '{peer} failed at {method}; its log says why (call {call}).',
  ),
  BUS_GONE: entry(
    502,
    '与机房 {idc} 的 {peer} 失去联系，{method} 没有结果。',
    'Contact with {peer} in IDC {idc} was lost: {method} has no result.',
  ),
  METHOD_UNKNOWN: entry(
    501,
    '{peer} 还没有 {method}：它使用协议版本 {theirs}，这里是 {ours}。请升级较旧的一方。',
    '{peer} does not have {method}: it speaks version {theirs} of the protocol, this side version {ours}. Upgrade the older one.',
  ),
  PROTOCOL_APART: entry(
    409,
    '与 {peer} 的协议版本相差太多：它是 {theirs}，对方是 {ours}，最多可相差一个版本。请升级较旧的一方。',
    'The versions of the protocol are too far apart: {peer} speaks {theirs}, the other side {ours}, and they may differ by one. Upgrade the older one.',
  ),
  NOT_ALLOWED: entry(
    403,
    '{name}（{kind}）无权调用 {method}。',
    '{name} ({kind}) may not call {method}.',
  ),
  ITEMS_UNWANTED: entry(
    400,
    '{method} 会逐条返回内容，调用方必须能够接收。',
    '{method} answers in items, and the caller takes none.',
  ),
  FRAME_TOO_LARGE: entry(
    413,
    '{method} 要传递的内容有 {bytes} 字节，上限为 {limit} 字节。',
    'What {method} would pass on has {bytes} bytes; the limit is {limit}.',
  ),
  FRAME_TOO_DEEP: entry(
    400,
    '{method} 要传递的内容嵌套超过 {limit} 层。',
    'What {method} would pass on is nested more than {limit} levels deep.',
  ),
  FRAME_UNREADABLE: entry(
    400,
    '{method} 收到的内容无法解读。',
    'What {method} was given cannot be read.',
  ),
  BLOBS_FULL: entry(
    507,
    '待分发文件的暂存已满，上限 {limit} 字节。等正在进行的执行结束后再试。',
    'The store of files under way is full; its limit is {limit} bytes. Try again when the present runs have ended.',
  ),
  BLOB_DAMAGED: entry(
    500,
    '待分发文件的内容（{blob}）与其校验和不符，未分发。',
    'The content of the file to copy ({blob}) is not what its checksum says; it was not copied.',
  ),
  BLOB_MISSING: entry(
    409,
    '要分发的文件内容（{blob}）已不存在。请重新发起。',
    'The content of the file to copy ({blob}) is gone. Launch again.',
  ),
} as const
