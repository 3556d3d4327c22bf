// Our own sentences about a host's end, in both languages. What a remote program said is passed on as it is.

import type { Text } from './text.ts'

const say = (en: string, zh: string): Text => ({ zh, en })

/**
 * An end carries one line of text, and most of these lines are a remote program's words. Those that are ours are
 * written in English where they arise and found again here: `{name}` stands for what differs, `{rest}` for a further
 * sentence of this table.
 */
const sentences: readonly Text[] = [
  // reaching a host; first what is put before any of the others
  say('jump host {which}: {rest}', '跳板机 {which}：{rest}'),
  say('{place} refused the connection', '{place} 拒绝连接'),
  say('no route to {place}', '没有到 {place} 的路由'),
  say('connect to {place}: no route to host', '没有到 {place} 的路由'),
  say('the name of {place} has no address', '{place} 的域名没有对应的地址'),
  say(
    '{place} accepted the connection but sent no SSH greeting within {time}',
    '{place} 接受了连接，但 {time} 内没有发来 SSH 问候',
  ),
  say(
    '{place} did not finish the SSH handshake within {time}',
    '{place} 在 {time} 内没有完成 SSH 握手',
  ),
  say('{place} did not finish the login within {time}', '{place} 在 {time} 内没有完成登录'),
  say('{place} did not answer within {time}', '{place} 在 {time} 内没有回应'),
  say('{place} did not answer', '{place} 没有回应'),
  say(
    'this controller has no file descriptors left for another connection',
    '主控端的文件描述符已用尽，无法再建立连接',
  ),
  say('{place} closed the connection without an SSH greeting', '{place} 未发 SSH 问候就关闭了连接'),
  say('the SSH handshake with {place} failed: {said}', '与 {place} 的 SSH 握手失败：{said}'),
  say('there is nowhere to connect to', '没有可连接的地址'),
  say('the last jump host could not reach {place}: {said}', '最后一台跳板机连不上 {place}：{said}'),
  say('stopped while connecting to {place}', '在连接 {place} 时被停止'),
  say(
    '{place} shows another host key than the pinned one; nothing was sent',
    '{place} 出示的主机密钥与已记录的不同，未发送任何内容',
  ),
  say('the host refuses to open a session (MaxSessions)', '主机拒绝再打开会话（MaxSessions）'),
  say(
    'the host closes every connection before a command can be sent',
    '主机在命令发出之前就关闭了每个连接',
  ),
  // logging in
  say('{place} did not accept the key of user {user}', '{place} 不接受用户 {user} 的密钥'),
  say('{place} did not accept the password of user {user}', '{place} 不接受用户 {user} 的密码'),
  say(
    '{place} did not accept any key of the ssh agent for user {user} (it may hold none, or be gone)',
    '{place} 不接受 ssh-agent 中的任何密钥（用户 {user}；其中可能没有密钥，或它已退出）',
  ),
  say('the host has no credential to log in with', '主机没有可用于登录的凭据'),
  say('the credential of the host does not exist any more', '主机的凭据已不存在'),
  say('the credential of the host could not be read', '无法读取主机的凭据'),
  say('the credential has no key', '凭据中没有密钥'),
  say('the credential has no password', '凭据中没有密码'),
  say(
    'the private key cannot be opened: its passphrase is wrong or missing',
    '私钥无法打开：口令缺失或不正确',
  ),
  say('the private key cannot be read', '私钥无法读取'),
  say(
    'no ssh agent: SSH_AUTH_SOCK is not set for the controller',
    '没有 ssh-agent：主控端没有设置 SSH_AUTH_SOCK',
  ),
  say(
    'the ssh agent is gone: nothing listens at {path}',
    'ssh-agent 已退出：{path} 上没有程序在监听',
  ),
  say('the host does not let this account run commands', '主机不允许该账号执行命令'),
  // another account
  say('sudo did not let us become {user}', 'sudo 不允许切换为 {user}'),
  say('su did not let us become {user}', 'su 不允许切换为 {user}'),
  // what was run
  say('ended with exit code {exit}', '以退出码 {exit} 结束'),
  say('ended by signal {signal}', '被信号 {signal} 终止'),
  say('the connection ended before the command did', '命令尚未结束，连接已断开'),
  say('stopped before anything was sent', '在发送任何内容之前被停止'),
  say('stopped before anything was started', '在启动任何程序之前被停止'),
  say('the program could not be started: {said}', '无法启动程序：{said}'),
  say('the command is longer than {limit}: make it a script', '命令超过 {limit}，请改用脚本'),
  say('"{name}" is not a name for an environment variable', '“{name}”不能作为环境变量名'),
  say(
    '"{name}" is how OMServer finds its own programs on a host',
    '“{name}”是 OMServer 在主机上识别自身程序所用的变量名',
  ),
  say('"{name}" is not the name of an account', '“{name}”不是有效的账号名'),
  say(
    'a NUL character cannot be part of a command or an environment variable',
    '命令与环境变量中不能含有 NUL 字符',
  ),
  say('the host has no variable {name}', '主机没有变量 {name}'),
  say(
    'a secret of this run is gone: give it again and rerun',
    '这次执行的敏感值已失效，请重新填写后再执行',
  ),
  say('what the action refers to could not be read', '无法读取执行内容引用的数据'),
  say('the driver did not answer when it was told to stop', '执行通道没有响应停止指令'),
  say(
    'the driver ended the host as {state} though nobody asked for it',
    '执行通道在无人要求时以 {state} 结束了该主机',
  ),
  // copying
  say('the content to copy is gone', '要分发的内容已不存在'),
  say('the copy ended with exit code {exit}', '分发以退出码 {exit} 结束'),
  say('copy: interrupted', '分发被中断'),
  say('copy: cannot read the link {path}', '无法读取链接 {path}'),
  say('copy: too many links at {path}', '{path} 处的链接层数过多'),
  say('copy: {path} is a folder; name the file in it', '{path} 是目录，请写明其中的文件名'),
  say('copy: {path} is not a regular file', '{path} 不是普通文件'),
  say('copy: the folder {path} does not exist', '目录 {path} 不存在'),
  say('copy: cannot write into {path} as {user}', '账号 {user} 不能写入 {path}'),
  say('copy: cannot write {path}', '无法写入 {path}'),
  say('copy: the content arrived incomplete', '内容未完整到达'),
  say('copy: the content arrived damaged', '内容在传输中损坏'),
  say('copy: cannot give {path} to {owner}', '无法把 {path} 的属主改为 {owner}'),
  say('copy: cannot set the mode of {path}', '无法设置 {path} 的权限'),
  say('copy: cannot keep the old {path}', '无法保留旧的 {path}'),
  say('copy: cannot replace {path}', '无法替换 {path}'),
]

interface Sentence {
  readonly pattern: RegExp
  readonly zh: string
}

const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split(/(\{\w+\})/)
      .map((part) =>
        part.startsWith('{')
          ? `(?<${part.slice(1, -1)}>${part === '{place}' ? '\\S+' : '.+?'})`
          : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('')}$`,
    's',
  )

let compiled: readonly Sentence[] | undefined

/** A message longer than this is no sentence of ours. */
const MAX_CHARACTERS = 600

/** The message of an end for a reader of either language; what a remote program said is the same in both. */
export const endMessage = (message: string): Text => {
  if (message.length > MAX_CHARACTERS) return { zh: message, en: message }
  compiled ??= sentences.map(({ en, zh }) => ({ pattern: patternOf(en), zh }))
  for (const { pattern, zh } of compiled) {
    const found = pattern.exec(message)
    if (!found) continue
    const text = zh.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = found.groups?.[name] ?? ''
      return name === 'rest' ? endMessage(value).zh : value
    })
    return { zh: text, en: message }
  }
  return { zh: message, en: message }
}
