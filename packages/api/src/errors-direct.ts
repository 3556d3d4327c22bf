// Errors of runs that are begun in an IDC, without the server.

import { entry } from './error-entry.ts'

export const directErrors = {
  CLIENT_EXISTS: entry(
    409,
    '客户端 {client} 在机房 {idc} 已获允许（用户 {user}）。',
    'The client {client} may already begin runs in IDC {idc}, as the user {user}.',
  ),
  CLIENT_UNKNOWN: entry(
    404,
    '机房 {idc} 没有获允许的客户端 {client}。',
    'No client {client} may begin runs in IDC {idc}.',
  ),
  CLIENT_NEEDS_CERTIFICATES: entry(
    409,
    '在机房内直接发起执行需要证书：用 om server --pki 启动，主控端与客户端也各有 om pki 签发的身份。',
    'Beginning runs in an IDC takes certificates: start om server with --pki, and give controllers and clients identities of om pki.',
  ),
  DIRECT_NO_BOOK: entry(
    409,
    '机房 {idc} 没有授权快照：管理员尚未在此允许任何客户端（om clients allow），或服务端还没有写出。',
    'The controllers of IDC {idc} have not been told who may begin runs there: no client has been allowed (om clients allow), or the server has not written it yet.',
  ),
  DIRECT_BOOK_OLD: entry(
    409,
    '机房 {idc} 的授权快照已于 {until} 到期：服务端太久没有更新它。',
    'What the controllers of IDC {idc} were told counted until {until}: the server has not renewed it for too long.',
  ),
  DIRECT_NOT_ALLOWED: entry(
    403,
    '客户端 {client} 未获允许在机房 {idc} 直接发起执行，请联系管理员（om clients allow）。',
    'The client {client} may not begin runs in IDC {idc}. Ask an administrator (om clients allow).',
  ),
  DIRECT_NOT_PROVEN: entry(
    403,
    '主控端不接受这个请求的签名：{why}',
    'The controller does not accept the signature of this request: {why}',
  ),
  DIRECT_TOO_MANY: entry(
    400,
    '在机房内直接发起的执行最多 {limit} 台主机，这里有 {hosts} 台。请缩小操作对象，分几次执行。',
    'A run begun in an IDC has at most {limit} hosts, and these are {hosts}. Narrow the selector, and run in parts.',
  ),
  DIRECT_TOO_NARROW: entry(
    400,
    '这次执行要分成 {slices} 个分片同时进行，并发数 {concurrency} 太小。请提高并发，或缩小操作对象。',
    'This run goes on in {slices} parts at once, which a concurrency of {concurrency} does not allow. Raise it, or narrow the selector.',
  ),
  DIRECT_TOO_LARGE: entry(
    400,
    '执行内容过大（{bytes} 字节），无法在机房内直接发起。请缩短脚本或文件内容，或经由服务端执行。',
    'The action is too large ({bytes} bytes) to be begun in an IDC. Shorten the script or the file, or run it through the server.',
  ),
  DIRECT_HOSTS_CHANGED: entry(
    409,
    '这些主机与刚才看到的不同了，未执行：{hosts}。请重试。',
    'These hosts are not what they were a moment ago, and nothing ran: {hosts}. Try again.',
  ),
  DIRECT_MODULE_DIFFERS: entry(
    409,
    '主控端的任务模块 {module} 与这里的不同，未执行。请让 om 与主控端版本一致。',
    'The controller has another {module} than this om, and nothing ran. Use the same version on both sides.',
  ),
  MODULE_NOT_HERE: entry(
    404,
    '没有内置任务模块 {module}。不经服务端时只能用内置的任务模块，自定义的要经由服务端执行。',
    'There is no built-in module {module}. Without the server only built-in modules can be run; your own ones take the server.',
  ),
  DIRECT_NO_SECRETS: entry(
    400,
    '不经服务端时不能用保密参数（{fields}）：请经由服务端执行。',
    'Secret parameters ({fields}) cannot be used without the server: run it through the server.',
  ),
  DIRECT_OLD: entry(
    400,
    '请求的时间 {at} 与主控端的时钟相差超过一天，未执行。请检查两边的时钟。',
    'The request says it is from {at}, more than a day from the clock of the controller; nothing ran. Check both clocks.',
  ),
  DIRECT_STORE_LOST: entry(
    409,
    '该机房的消息存储已不是请求所指的那个（可能丢失后重建）。未执行，请重试。',
    'The store of this IDC is another one than the request was made for; it may have been lost. Nothing ran; try again.',
  ),
  DIRECT_UNREADABLE: entry(
    400,
    '主控端无法打开这个请求：它可能在登记之后才加入，或请求被改动过。请重试。',
    'The controller cannot open this request: it may have been enrolled since, or the request was changed. Try again.',
  ),
} as const
