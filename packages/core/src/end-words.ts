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
  // by way of salt-api
  say(
    '{place} refused the connection: is salt-api running?',
    '{place} 拒绝连接：salt-api 是否在运行？',
  ),
  say('{place} has a name that cannot be resolved', '{place} 的域名无法解析'),
  say('{place} cannot be reached: no route', '无法到达 {place}：没有路由'),
  say('{place} does not answer in time', '{place} 没有及时回应'),
  say('{place} does not answer: {said}', '{place} 没有回应：{said}'),
  say('the certificate of {place} is not accepted: {rest}', '不接受 {place} 的证书：{rest}'),
  say('it has expired', '已过期'),
  say('it is for another name than the one in the url', '证书中没有 url 里的名称'),
  say('it is not signed by the CA of the endpoint', '不是由接入点的 CA 签发的'),
  say('the TLS connection failed ({code})', 'TLS 连接失败（{code}）'),
  say(
    '{place} refused the login of "{user}" (eauth {eauth}): check user, password and external_auth of the master',
    '{place} 拒绝“{user}”登录（eauth {eauth}）：请检查账号、密码和 master 的 external_auth',
  ),
  say(
    '"{user}" may not call {function}: allow it in external_auth of the master',
    '“{user}”无权调用 {function}：请在 master 的 external_auth 中允许',
  ),
  say(
    '{place} does not allow {client}: add it to netapi_enable_clients of the master',
    '{place} 不允许 {client}：请加入 master 的 netapi_enable_clients',
  ),
  say('what is to be sent is larger than salt-api takes', '要发送的内容超过 salt-api 的上限'),
  say(
    '{place} answered HTTP {status}: the salt-master behind it may be down{said}',
    '{place} 返回 HTTP {status}：它后面的 salt-master 可能没有运行{said}',
  ),
  say('{place} answered HTTP {status}', '{place} 返回 HTTP {status}'),
  say('{place} gives no events: HTTP {status}', '{place} 不提供事件：HTTP {status}'),
  say('{place} ended its events at once', '{place} 立即结束了事件流'),
  say('the endpoint "{name}" is not complete: add it again', '接入点“{name}”不完整，请重新登记'),
  say('the endpoint of salt-api does not exist any more', 'salt-api 接入点已不存在'),
  say('the endpoint of salt-api could not be read', '无法读取 salt-api 接入点'),
  say(
    'the master has no accepted key of a minion of this name',
    'master 上没有这个名称的 minion 的已接受密钥',
  ),
  say('the minion did not answer within {time}', 'minion 在 {time} 内没有回应'),
  say('the minion does not answer any more', 'minion 不再回应'),
  say(
    'the minion does not run the job any more, and its return never came',
    'minion 已不在执行这个作业，但始终没有收到它的返回',
  ),
  say('killed by Salt', '已由 Salt 终止'),
  say('Salt did not say whether it was killed', 'Salt 没有确认是否已终止'),
  say(
    'a password for sudo or su cannot go by Salt, which keeps the arguments of every job: let sudo ask for none, or use SSH',
    'sudo 或 su 的密码不能经 Salt 传递，它会保存每个作业的参数：请配置免密 sudo，或改用 SSH',
  ),
  say(
    'a secret cannot go by Salt, which keeps the arguments of every job: use SSH for this',
    '机密不能经 Salt 传递，它会保存每个作业的参数：请改用 SSH',
  ),
  say(
    'by Salt at most {size}, packed, can be sent to a host: copy this over SSH',
    '经 Salt 最多只能向一台主机发送 {size}（压缩后）：请改用 SSH 分发',
  ),
  say(
    'the master has cut what the minion returned: it is larger than its max_event_size',
    'master 截断了 minion 的返回：超过了它的 max_event_size',
  ),
  say('this minion has no function {function}: {said}', '这个 minion 没有函数 {function}：{said}'),
  say('{failed} of {all} states failed: {said}', '{all} 个状态中有 {failed} 个失败：{said}'),
  say('Salt applied no state', 'Salt 没有应用任何状态'),
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
  // reaching a funcd
  say('overlord: {rest}', 'Func 主控机：{rest}'),
  say(
    '{place} accepted the connection and did not finish the TLS handshake within {time}',
    '{place} 接受了连接，但 {time} 内没有完成 TLS 握手',
  ),
  say('{place} did not answer the call within {time}', '{place} 在 {time} 内没有回应调用'),
  say(
    '{place} closed the connection before it answered: it may not accept our certificate',
    '{place} 未作回应就关闭了连接：它可能不接受我方证书',
  ),
  say('{place} closed the connection before it answered', '{place} 未作回应就关闭了连接'),
  say('{place} closed the connection within its answer', '{place} 在回应中途关闭了连接'),
  say(
    '{place} closed the connection before the TLS handshake was over: it may speak only SSLv3, or be no funcd',
    '{place} 在 TLS 握手完成之前关闭了连接：它可能只支持 SSLv3，或不是 funcd',
  ),
  say(
    '{place} has no TLS version in common with us: try legacy TLS at the endpoint; a funcd that speaks only SSLv3 is reached by func-transmit (mode transmit)',
    '{place} 与我方没有共同的 TLS 版本：可在接入点打开旧版 TLS；只支持 SSLv3 的 funcd 请改用 func-transmit（mode transmit）',
  ),
  say(
    '{place} has no TLS version in common with us; a funcd that speaks only SSLv3 is reached by func-transmit: set the endpoint to mode transmit',
    '{place} 与我方没有共同的 TLS 版本；只支持 SSLv3 的 funcd 请改用 func-transmit：把接入点设为 mode transmit',
  ),
  say('the certificate of {place} has expired', '{place} 的证书已过期'),
  say(
    'the certificate of {place} is not valid yet: compare the clocks',
    '{place} 的证书尚未生效，请核对两边的时钟',
  ),
  say('the certificate of {place} is revoked', '{place} 的证书已被吊销'),
  say(
    'the certificate of {place} is not one of the CA of the endpoint {endpoint}',
    '{place} 的证书不是由接入点 {endpoint} 的 CA 签发的',
  ),
  say(
    'the certificate of {place} is signed or made too weakly for today: switch on legacy TLS at the endpoint',
    '{place} 的证书签名或密钥过弱：请在接入点打开旧版 TLS',
  ),
  say(
    'the certificate of the endpoint {endpoint} is signed or made too weakly for today: switch on legacy TLS at the endpoint',
    '接入点 {endpoint} 的证书签名或密钥过弱：请在接入点打开旧版 TLS',
  ),
  say(
    '{place} shows the certificate of {shown}, not of {name}',
    '{place} 出示的是 {shown} 的证书，而不是 {name} 的',
  ),
  say(
    '{place} did not accept the certificate of the endpoint {endpoint}',
    '{place} 不接受接入点 {endpoint} 的证书',
  ),
  say('the TLS handshake with {place} failed: {said}', '与 {place} 的 TLS 握手失败：{said}'),
  say(
    'ca, cert or key of the endpoint {endpoint} cannot be used: {said}',
    '接入点 {endpoint} 的 ca、cert 或 key 无法使用：{said}',
  ),
  say('the endpoint {endpoint} has no {part}', '接入点 {endpoint} 没有 {part}'),
  say('the host has no Func endpoint', '主机没有 Func 接入点'),
  say('the Func endpoint of the host does not exist any more', '主机的 Func 接入点已不存在'),
  say('the Func endpoint of the host could not be read', '无法读取主机的 Func 接入点'),
  say('there is no func-transmit on the overlord', 'Func 主控机上没有 func-transmit'),
  say('func-transmit on the overlord: {said}', 'Func 主控机上的 func-transmit：{said}'),
  say('the overlord does not reach the host: {said}', 'Func 主控机连不上该主机：{said}'),
  say('func takes the name {name} for a pattern of names', 'Func 会把名称 {name} 当作名称模式'),
  // what a funcd was asked for
  say(
    'the access list of the host does not allow this method to our certificate (AccessToMethodDenied)',
    '主机的访问控制表不允许我方证书调用该方法（AccessToMethodDenied）',
  ),
  say('the host refused the call: {said}', '主机拒绝了调用：{said}'),
  say(
    'the host knows nothing of the job {id} any more: funcd was restarted, or an hour has passed',
    '主机已不知道作业 {id}：funcd 重启过，或已超过一小时',
  ),
  say('the answer is larger than {limit}', '回答超过 {limit}'),
  say('the answer is not XML-RPC: {said}', '回答不是 XML-RPC：{said}'),
  say('"{name}" is not a method of a Func module', '“{name}”不是 Func 模块的方法'),
  say('Func knows no named arguments', 'Func 没有命名参数'),
  say('an argument holds characters that XML cannot carry', '参数中有 XML 无法传送的字符'),
  say(
    'a secret cannot be passed through func-transmit: it would stand in a command line and a log of the host',
    '敏感值不能经 func-transmit 传送：它会出现在主机的命令行与日志里',
  ),
  say(
    'more than {limit} cannot be passed through func-transmit',
    '超过 {limit} 的内容不能经 func-transmit 传送',
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
  say('fetch: {path} does not exist', '{path} 不存在'),
  say('fetch: {path} is a folder', '{path} 是目录'),
  say('fetch: {path} is not a regular file', '{path} 不是普通文件'),
  say('fetch: {path} cannot be read as {user}', '账号 {user} 不能读取 {path}'),
  say(
    'fetch: {path} has {size} bytes, more than the limit of {limit}',
    '{path} 有 {size} 字节，超过上限 {limit}',
  ),
  say('fetch: the file became shorter while it was read', '读取期间文件变短了'),
  say('the host did not send the file', '主机没有发来文件'),
  say('what was read could not be stored', '读到的内容无法保存'),
  say('copy: no space is left for {path}', '磁盘空间不足，无法写入 {path}'),
  say('copy: {path} is on a read-only file system', '{path} 所在的文件系统是只读的'),
  say('copy: {path} is not a folder', '{path} 不是目录'),
  say('copy: this host has no tar', '该主机没有 tar'),
  say('copy: the archive cannot be unpacked: {said}', '文件夹包无法解开：{said}'),
  say('copy: cannot replace all files of {path}', '{path} 中的文件未能全部替换'),
  say('copy: there is no room to compare the content: {said}', '没有空间用于比较内容：{said}'),
  say('copy: the content could not be read: {said}', '无法读取要分发的内容：{said}'),
  say(
    'this way to the host carries no folder and no file of this size',
    '该执行通道不能分发文件夹或这么大的文件',
  ),
  say('the template is not UTF-8 text', '模板不是 UTF-8 文本'),
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
