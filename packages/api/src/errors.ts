// Every error a client can get: code, HTTP status, and what it says in both languages. `{name}` is a detail.

import type { Text } from '@omserver/core'

export interface ErrorEntry {
  readonly status: number
  readonly text: Text
}

const entry = (status: number, zh: string, en: string): ErrorEntry => ({ status, text: { zh, en } })

export const errors = {
  // sign-in and rights
  NOT_SIGNED_IN: entry(401, '请先登录。', 'Sign in first.'),
  SESSION_EXPIRED: entry(401, '登录已过期，请重新登录。', 'Your session has expired. Sign in again.'),
  LOGIN_WRONG: entry(401, '用户名或密码不正确。', 'Wrong user name or password.'),
  LOGIN_THROTTLED: entry(429, '尝试次数过多，请在 {seconds} 秒后再试。', 'Too many attempts. Try again in {seconds} s.'),
  USER_DISABLED: entry(403, '该用户已停用，请联系管理员。', 'This user is disabled. Ask an administrator.'),
  TOKEN_BAD: entry(401, '令牌无效或已过期。', 'The token is unknown or has expired.'),
  CSRF: entry(403, '请求缺少有效的 CSRF 校验，已拒绝。刷新页面后重试。', 'The request lacked a valid CSRF proof and was refused. Reload the page and try again.'),
  FORBIDDEN: entry(403, '没有权限：需要 {permission}。', 'You may not do this: it needs {permission}.'),
  GRANT_MISSING: entry(403, '没有在这些主机上执行 {module} 的授权：{hosts}', 'No grant lets you run {module} on: {hosts}'),
  LOCAL_ADMIN_ONLY: entry(403, '主机 {host} 使用 local 通道（即服务器本机），仅管理员可在其上执行。', 'Host {host} uses the local driver (this very server); only administrators may run on it.'),
  MUST_CHANGE_PASSWORD: entry(403, '请先修改初始密码。', 'Change the initial password first.'),
  // requests
  NOT_FOUND: entry(404, '没有这个地址：{path}', 'There is nothing at {path}'),
  INPUT_INVALID: entry(400, '请求内容有误：{problems}', 'The request is not valid: {problems}'),
  BODY_TOO_LARGE: entry(413, '请求内容过大，上限为 {limit} 字节。', 'The request is too large; the limit is {limit} bytes.'),
  NOT_READY: entry(503, '服务暂时不能接受工作：{problems}', 'The server cannot take work now: {problems}'),
  INTERNAL: entry(500, '服务器内部错误，编号 {ref}。详情见服务器日志。', 'Internal error, reference {ref}. The server log has the details.'),
  // engine
  ENGINE_CLOSED: entry(503, '服务正在停止，不再接受工作。', 'The server is shutting down and takes no more work.'),
  BUS_NOBODY: entry(503, '机房 {idc} 没有在线的主控端可以处理该请求（{method}）。请检查该机房的主控端是否运行。', 'No controller of {idc} is there to answer ({method}). Check that a controller of this IDC is running.'),
  BUS_TIMEOUT: entry(504, '机房 {idc} 的主控端在 {ms} 毫秒内没有应答（{method}）。请稍后重试。', 'The controller of {idc} did not answer within {ms} ms ({method}). Try again later.'),
  BUS_CANCELLED: entry(499, '请求已取消（{method}）。', 'The request was cancelled ({method}).'),
  BUS_FAILED: entry(502, '主控端处理请求失败（{method}）：{message}', 'The controller failed to handle the request ({method}): {message}'),
  BLOBS_FULL: entry(507, '文件暂存空间已满（上限 {limit} 字节）。请先删除不用的文件。', 'The store for large files is full (limit {limit} bytes). Remove files that are not needed.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errors | (string & {})
