// Errors of hosts, groups, credentials and trust.

import { entry } from './error-entry.ts'

export const hostErrors = {
  HOST_UNKNOWN: entry(404, '没有这台主机：{host}', 'There is no host {host}.'),
  HOST_EXISTS: entry(409, '主机 {host} 已存在。', 'A host named {host} exists already.'),
  HOST_NAME_BAD: entry(
    400,
    '主机名“{name}”不可用：须以字母、数字或下划线开头，只含字母、数字、. - _，最长 253 个字符。',
    '“{name}” is no host name: it begins with a letter, digit or underscore, holds letters, digits, . - _ only, and has at most 253 characters.',
  ),
  HOST_ADDRESS_BAD: entry(
    400,
    '地址“{address}”不是有效的 IPv4、IPv6 地址或域名。',
    '“{address}” is no IPv4 or IPv6 address and no DNS name.',
  ),
  DEMO_SHRINKS: entry(
    409,
    '模拟主机变为 {hosts} 台会删除现有的 {removed} 台。未执行任何操作，请确认删除的台数。',
    'A simulated fleet of {hosts} hosts means deleting {removed} of those there are. Nothing was done; confirm that number.',
  ),
  HOST_IS_SERVER: entry(
    409,
    '主机 {host} 就是服务端所在的机器（执行通道 local），命令不会发往 {address}。请改用其他名称，或写明执行通道，例如 driver: ssh。',
    'Host {host} is the very machine of the server (driver local): no command would go to {address}. Give that host another name, or say its driver, such as driver: ssh.',
  ),
  HOST_IS_JUMP: entry(
    409,
    '主机 {host} 是其他主机（{users}）的跳板机，不能删除。请先为它们换一个跳板机。',
    'Host {host} is the jump host of {users} and cannot be deleted. Give those another one first.',
  ),
  HOST_KEY_NOT_CHANGED: entry(
    409,
    '主机 {host} 的密钥没有变更，无需接受。',
    'The key of host {host} has not changed; there is nothing to accept.',
  ),
  HOST_KEY_OTHER: entry(
    409,
    '主机 {host} 现在提供的密钥与你核对的不同（{fingerprint}）。请重新核对。',
    'Host {host} now offers another key than the one you compared ({fingerprint}). Compare again.',
  ),
  JUMP_UNKNOWN: entry(400, '没有这台跳板机：{host}', 'There is no host {host} to jump through.'),
  JUMP_CYCLE: entry(400, '跳板机成环：{hosts}', 'The jump hosts form a circle: {hosts}'),
  LABEL_BAD: entry(
    400,
    '标签“{label}”不可用：名称 1–64 个字符、首尾无空格，值最长 256 个字符，不含控制字符。',
    'The label “{label}” cannot be used: its name has 1 to 64 characters without white space at its ends, its value at most 256, without control characters.',
  ),
  ENCODING_UNKNOWN: entry(
    400,
    '不认识的编码“{encoding}”，例如 utf-8、gb18030。',
    'Unknown encoding “{encoding}”; utf-8 and gb18030 are examples.',
  ),
  HOSTS_FILE_PROBLEMS: entry(
    400,
    '文件中有 {count} 处问题，未导入任何主机。第一处在第 {line} 行：{first}',
    'The file has {count} {count|problem|problems}; nothing was imported. The first is in line {line}: {first}',
  ),
  GROUP_NAME_BAD: entry(
    400,
    '分组名“{group}”不可用：不能为空，不含双引号与控制字符。',
    '“{group}” is no name for a group: it must not be empty, nor hold double quotes or control characters.',
  ),
  GROUP_IN_USE: entry(
    409,
    '分组 {group} 被其他分组（{users}）引用，不能删除或改名。请先修改那些分组。',
    'Group {group} is used by {users} and cannot be deleted or renamed. Change those groups first.',
  ),
  GROUP_EXISTS: entry(409, '分组 {group} 已存在。', 'A group named {group} exists already.'),
  CREDENTIAL_UNKNOWN: entry(
    404,
    '没有这个凭据：{credential}',
    'There is no credential {credential}.',
  ),
  CREDENTIAL_EXISTS: entry(
    409,
    '凭据 {credential} 已存在。',
    'A credential named {credential} exists already.',
  ),
  CREDENTIAL_KEY_BAD: entry(
    400,
    '私钥无法读取：{reason}。须为 OpenSSH 或 PEM 格式的私钥。',
    'The private key cannot be read: {reason}. It must be a private key in OpenSSH or PEM form.',
  ),
  CREDENTIAL_PASSPHRASE: entry(
    400,
    '私钥有密码保护，但未提供密码或密码不正确。',
    'The private key is protected, and the passphrase is missing or wrong.',
  ),
  CREDENTIAL_INCOMPLETE: entry(400, '凭据缺少{field}。', 'The credential lacks its {field}.'),
  CREDENTIAL_MISFIT: entry(
    400,
    '{type} 类型的凭据不接受{field}，请去掉后再保存。',
    'A credential of type {type} does not take this: {field}. Leave it out and save again.',
  ),
  CREDENTIAL_IN_USE: entry(
    409,
    '凭据 {credential} 正被 {count} 台主机使用（{hosts}），不能删除。请先为它们换一个凭据。',
    'Credential {credential} is used by {count} {count|host|hosts} ({hosts}) and cannot be deleted. Give those another one first.',
  ),
  SECRET_MISSING: entry(
    409,
    '密文 {ref} 已不存在：执行结束后它即被删除。',
    'The secret {ref} is gone: it is forgotten when its run has ended.',
  ),
  TRUST_NEEDS_KEY: entry(
    400,
    '凭据 {credential} 不是密钥，无法建立信任关系。请选择或生成 SSH 密钥凭据。',
    'Credential {credential} is not a key, so no trust can be built on it. Choose or generate an SSH key.',
  ),
  TRUST_SAME_KEY: entry(
    400,
    '凭据 {from} 与 {to} 是同一个密钥，无需轮换。请选择或生成一个新密钥。',
    'Credentials {from} and {to} are the same key; there is nothing to rotate. Choose or generate a new one.',
  ),
  TRUST_LOCAL: entry(
    400,
    '主机 {hosts} 使用 local 通道（即服务器本机），无需建立信任。请把它从操作对象中去掉。',
    'Host {hosts} uses the local driver (this very server) and needs no trust. Leave it out of the selection.',
  ),
  TRUST_PASSWORD_MISSING: entry(
    400,
    '以下主机没有一次性密码：{hosts}',
    'These hosts have no one-time password: {hosts}',
  ),
} as const
