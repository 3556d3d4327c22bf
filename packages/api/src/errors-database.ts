// Errors of a database that runs as a server of its own: MySQL, MariaDB, PostgreSQL.

import { entry } from './error-entry.ts'

export const databaseErrors = {
  DATABASE_URL: entry(
    500,
    '数据库地址有误（{part}）。格式：mysql://、mariadb:// 或 postgres://USER:PASSWORD@HOST:PORT/DATABASE，可带参数 sslmode=disable|require|verify-full、sslrootcert=文件、socket=路径；或 sqlite:文件路径。特殊字符写成 %XX（% 写成 %25，@ 写成 %40）。',
    'The address of the database is wrong at {part}. It reads mysql://, mariadb:// or postgres://USER:PASSWORD@HOST:PORT/DATABASE, with sslmode=disable|require|verify-full, sslrootcert=FILE and socket=PATH as parameters; or sqlite:PATH. Special characters are written as %XX (% as %25, @ as %40).',
  ),
  DB_UNREACHABLE: entry(
    503,
    '连不上数据库 {database}：{reason}。恢复连接后会自动继续。',
    'The database {database} cannot be reached: {reason}. Work goes on by itself once it answers.',
  ),
  DB_DENIED: entry(
    503,
    '数据库 {database} 拒绝访问：{reason}。请检查用户名、密码、库名和授权。',
    'The database {database} refuses access: {reason}. Check the user, the password, the name of the database and the grants.',
  ),
  DB_BUSY: entry(
    503,
    '数据库 {database} 上有其他会话占用了所需的数据：{reason}。请稍后重试。',
    'Another session of the database {database} holds what is needed: {reason}. Try again.',
  ),
  DB_IN_USE: entry(
    409,
    '数据库 {database} 正被另一个 OMServer 使用。请先停止它，或换用另一个库。',
    'Another OMServer is using the database {database}. Stop it first, or choose another database.',
  ),
  DB_CHANGED: entry(
    503,
    '连接中断期间，数据库 {database} 被另一个 OMServer 写入，或已从备份恢复。请重启本服务。',
    'While the connection was cut, another OMServer wrote to the database {database}, or it was restored from a backup. Restart this server.',
  ),
  NOBODY_DRIVES: entry(
    503,
    '服务正在切换：几台服务中还没有一台接手，或接手的那台暂时连不上。什么都没有执行，稍后会自动恢复。',
    'The servers are changing over: none drives yet, or the one that does cannot be reached. Nothing was done; it goes on by itself in a moment.',
  ),
  NOT_DRIVING: entry(
    503,
    '请求转给了已经不再主持的服务。什么都没有执行，请稍后重试。',
    'The request was handed on to a server that does not drive any more. Nothing was done; try again in a moment.',
  ),
  ANSWER_LOST: entry(
    502,
    '主持的服务没有给出回答就中断了。请求可能已经执行，请先查看结果，再决定是否重试。',
    'The server that drives was cut off before it had answered. What was asked for may have been done: look before you repeat it.',
  ),
  PEER_REFUSED: entry(
    403,
    '请求自称由另一台服务转来，但证明不符：它的密钥文件不同，或证明已被用过。',
    'The request claims to come from another server, but does not prove it: the key file differs, or the proof was used before.',
  ),
  DB_NOT_EMPTY: entry(
    500,
    '库 {database} 中有其他程序的表（如 {table}）。请给 OMServer 一个单独的空库。',
    'The database {database} holds tables of something else ({table}). Give OMServer an empty one of its own.',
  ),
  DB_ENCODING: entry(
    500,
    '库 {database} 的编码为 {encoding}，须为 UTF8。请以 UTF8 编码重新建库。',
    'The database {database} has the encoding {encoding}; it must be UTF8. Create it again with that.',
  ),
  DB_PACKET: entry(
    500,
    '数据库 {database} 的 max_allowed_packet 为 {bytes} 字节，至少应为 {least}。请在服务器配置中调大。',
    'max_allowed_packet of the database {database} is {bytes} bytes; at least {least} are needed. Raise it in the configuration of the server.',
  ),
  DB_TOO_OLD: entry(
    500,
    '数据库 {database} 的版本 {version} 过低，需要 {least} 或更高版本。',
    'The database {database} is version {version}; {least} or a later one is needed.',
  ),
}
