// Errors of signing in, rights, users, requests and the server itself.

import { entry } from './error-entry.ts'

export const accessErrors = {
  // sign-in and rights
  NOT_SIGNED_IN: entry(401, '请先登录。', 'Sign in first.'),
  SESSION_EXPIRED: entry(
    401,
    '登录已过期，请重新登录。',
    'Your session has expired. Sign in again.',
  ),
  LOGIN_WRONG: entry(401, '用户名或密码不正确。', 'Wrong user name or password.'),
  LOGIN_THROTTLED: entry(
    429,
    '尝试次数过多，请在 {seconds} 秒后再试。',
    'Too many attempts. Try again in {seconds} s.',
  ),
  USER_DISABLED: entry(
    403,
    '该用户已停用，请联系管理员。',
    'This user is disabled. Ask an administrator.',
  ),
  TOKEN_BAD: entry(
    401,
    '令牌无效或已过期。请重新登录或新建令牌。',
    'The token is unknown or has expired. Sign in again or make a new one.',
  ),
  CSRF: entry(
    403,
    '请求缺少有效的 CSRF 校验，已拒绝。刷新页面后重试。',
    'The request lacked a valid CSRF proof and was refused. Reload the page and try again.',
  ),
  FORBIDDEN: entry(
    403,
    '没有权限：需要 {permission}。请联系管理员。',
    'You may not do this: it needs {permission}. Ask an administrator.',
  ),
  GRANT_MISSING: entry(
    403,
    '没有在这些主机上执行 {module} 的授权：{hosts}',
    'No grant lets you run {module} on: {hosts}',
  ),
  LOCAL_ADMIN_ONLY: entry(
    403,
    '主机 {host} 使用 local 通道（即服务器本机），仅管理员可在其上执行。',
    'Host {host} uses the local driver (this very server); only administrators may run on it.',
  ),
  CREDENTIAL_NOT_GRANTED: entry(
    403,
    '没有授权您在执行 {module} 时改用凭据 {credential}：它不属于您可执行的任何主机。请留空以使用各主机自己的凭据，或请管理员执行。',
    'You may not run {module} with the credential {credential}: no host that you may run it on has it. Leave it out to use each host’s own, or ask an administrator.',
  ),
  MUST_CHANGE_PASSWORD: entry(
    403,
    '当前密码是系统或管理员给的，只能用来换成自己的密码：请在网页登录，或在终端运行 om login（不带 --password-stdin）。',
    'This password was given to you and is good for one thing, choosing one of your own: sign in on the web page, or with om login at a terminal, without --password-stdin.',
  ),
  PASSWORD_WEAK: entry(400, '密码太弱：{reason}', 'The password is too weak: {reason}'),
  // users, teams, tokens
  USER_UNKNOWN: entry(404, '没有这个用户：{user}', 'There is no user {user}.'),
  USER_EXISTS: entry(409, '用户名 {user} 已被使用。', 'A user named {user} exists already.'),
  LAST_ADMIN: entry(
    409,
    '{user} 是最后一个可用的管理员，不能删除、停用或降级。请先指定另一位管理员。',
    '{user} is the last active administrator and cannot be removed, disabled or demoted. Name another one first.',
  ),
  TEAM_UNKNOWN: entry(404, '没有这个用户组：{team}', 'There is no user group {team}.'),
  TEAM_EXISTS: entry(409, '用户组 {team} 已存在。', 'A user group named {team} exists already.'),
  TOKEN_UNKNOWN: entry(
    404,
    '没有这个令牌，或它不属于你。',
    'There is no such token, or it is not yours.',
  ),
  GRANT_MODULE_UNKNOWN: entry(
    400,
    '授权中的“{module}”与任何任务模块都不匹配。请检查名称，例如 service.restart 或 service.*。',
    'The grant names “{module}”, which no task module matches. Check the name, such as service.* or service.restart.',
  ),
  GRANT_SELECTOR: entry(
    400,
    '授权范围只能用标签（如 idc=sz,app=nginx）或 *，不能用主机名或地址：{selector}',
    'A grant covers labels (such as idc=sz,app=nginx) or *, not host names or addresses: {selector}',
  ),
  // requests
  NOT_FOUND: entry(404, '没有这个地址：{path}', 'There is nothing at {path}'),
  INPUT_INVALID: entry(400, '请求内容有误：{problems}', 'The request is not valid: {problems}'),
  BODY_TOO_LARGE: entry(
    413,
    '请求内容过大，上限为 {limit} 字节。',
    'The request is too large; the limit is {limit} bytes.',
  ),
  MEDIA_TYPE: entry(
    415,
    '请求内容须为 JSON（Content-Type: application/json）。',
    'The request body must be JSON (Content-Type: application/json).',
  ),
  STREAM_TYPE: entry(
    415,
    '请求内容须为文件的字节（Content-Type: application/octet-stream）。',
    'The request body must be the bytes of a file (Content-Type: application/octet-stream).',
  ),
  // the server itself
  NOT_READY: entry(
    503,
    '服务暂时不能接受工作：{problems}',
    'The server cannot take work now: {problems}',
  ),
  DISK_FULL: entry(
    507,
    '磁盘已满，无法写入 {file}。腾出空间后会自动恢复。',
    'The disk is full: {file} cannot be written. Free some space and work goes on by itself.',
  ),
  DB_UNWRITABLE: entry(
    503,
    '数据库 {file} 无法写入：{reason}',
    'The database {file} cannot be written: {reason}',
  ),
  DB_DAMAGED: entry(
    500,
    '数据库 {file} 已损坏，或不是 OMServer 的数据库：{reason}。请停止服务，从备份恢复该文件；没有备份时把它移走，会以空库启动。',
    'The database {file} is damaged, or is none of OMServer: {reason}. Stop the server and restore the file from a backup; without one, move it away to start empty.',
  ),
  DATA_FOLDER_UNWRITABLE: entry(
    500,
    '无法使用数据目录 {folder}：{reason}。请确认它是运行 om 的用户可写的目录，或用 --data 指定其他目录。',
    'The data folder {folder} cannot be used: {reason}. It must be a folder that the user who runs om may write to; or choose another with --data.',
  ),
  MODULES_FOLDER_UNUSABLE: entry(
    500,
    '无法使用任务模块目录 {folder}：{reason}。请确认它是运行 om 的用户可读的目录，或用 --modules 指定其他目录。',
    'The folder of task modules {folder} cannot be used: {reason}. It must be a folder that the user who runs om may read; or choose another with --modules.',
  ),
  DB_NEWER: entry(
    500,
    '数据由更新版本的 OMServer 写入（迁移 {step}），请使用该版本或更高版本启动。',
    'The data were written by a newer OMServer (migration {step}). Start that version or a later one.',
  ),
  DATA_FOLDER_IN_USE: entry(
    409,
    '数据目录 {folder} 正被另一个 OMServer 使用。请先停止它，或用 --data 指定其他目录。',
    'Another OMServer is using the data folder {folder}. Stop it first, or choose another folder with --data.',
  ),
  KEY_FILE_MISSING: entry(
    500,
    '密钥文件 {file} 不存在，但数据库中有用它加密的凭据。请从备份恢复该文件；没有它，已保存的凭据无法解密。',
    'The key file {file} is missing, but the database holds secrets sealed with it. Restore it from a backup; without it they cannot be opened.',
  ),
  KEY_FILE_OPEN: entry(
    500,
    '密钥文件 {file} 的权限为 {mode}，其他用户可读。请执行 chmod 600 {file} 后再启动。',
    'The key file {file} has mode {mode} and others can read it. Run chmod 600 {file}, then start again.',
  ),
  KEY_FILE_BAD: entry(
    500,
    '密钥文件 {file} 已损坏，或与数据库不匹配。请从备份恢复。',
    'The key file {file} is damaged or does not belong to this database. Restore it from a backup.',
  ),
  KEY_FILE_OTHER: entry(
    500,
    '密钥文件 {file} 不存在，或与同用一个数据库的服务 {server} 的不同。请把 {server} 上的 {original} 复制到这里，执行 chmod 600 {file} 后再启动。',
    'The key file {file} is missing, or another one than that of {server}, which uses the same database. Copy {original} of {server} here, run chmod 600 {file}, then start again.',
  ),
  SEAL_BROKEN: entry(
    500,
    '密文无法解密：已损坏、被移动，或使用了其他密钥。',
    'A sealed value cannot be opened: it is damaged, was moved, or was sealed with another key.',
  ),
  TLS_FILE_BAD: entry(
    500,
    '无法使用证书 {file}：{reason}',
    'The certificate {file} cannot be used: {reason}',
  ),
  TLS_REQUIRED: entry(
    500,
    '监听 {host} 会把服务开放到本机之外，需要 HTTPS：加上 --tls（自动生成证书）或 --tls-cert 与 --tls-key；确需明文时加 --allow-http。',
    'Listening on {host} opens the server beyond this machine and needs HTTPS: add --tls (a certificate is made) or --tls-cert and --tls-key; to use plain HTTP all the same, add --allow-http.',
  ),
  PORT_TAKEN: entry(
    500,
    '端口 {port}（{host}）已被占用。用 --port 换一个，或停止占用它的程序。',
    'Port {port} on {host} is taken. Choose another with --port, or stop what uses it.',
  ),
  INTERNAL: entry(
    500,
    '服务器内部错误，编号 {ref}。详情见服务器日志。',
    'Internal error, reference {ref}. The server log has the details.',
  ),
} as const
