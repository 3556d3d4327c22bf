// What each reason of a host's end means, and what to do about it.

import type { EndReason } from './host-state.ts'
import type { Text } from './text.ts'

export interface EndAdvice {
  readonly title: Text
  readonly advice: Text
}

const advise = (titleZh: string, titleEn: string, zh: string, en: string): EndAdvice => ({
  title: { zh: titleZh, en: titleEn },
  advice: { zh, en },
})

export const endAdvice: Readonly<Record<EndReason, EndAdvice>> = {
  // unreachable
  refused: advise(
    '连接被拒绝',
    'Connection refused',
    '确认 sshd 已启动，端口填写正确，防火墙没有拒绝。',
    'Check that sshd is running, that the port is right, and that no firewall rejects it.',
  ),
  noRoute: advise(
    '网络不可达',
    'No route to host',
    '确认主机已开机、地址正确，主控端到它的路由可达；需要时填写跳板机。',
    'Check that the host is up, its address right, and that the controller can reach it; give it a jump host if it cannot.',
  ),
  dns: advise(
    '域名无法解析',
    'Name not resolved',
    '确认地址拼写正确，或改填 IP 地址。',
    'Check the spelling of the address, or use its IP address.',
  ),
  connectTimeout: advise(
    '连接超时',
    'Connection timed out',
    '多为主机宕机或防火墙丢弃了连接。确认主机状态与安全组规则。',
    'The host is down or a firewall drops the connection. Check both.',
  ),
  authFailed: advise(
    '认证失败',
    'Login refused',
    '确认凭据的用户名与密钥（密码）正确；尚未信任的主机请先“建立信任”。',
    'Check the user and key (or password) of the credential; establish trust first if the host does not know our key.',
  ),
  hostKeyChanged: advise(
    '主机密钥已变更',
    'Host key changed',
    '可能重装过系统，也可能有人冒充。核对指纹后，在主机页接受新密钥。',
    'The host was reinstalled, or someone poses as it. Compare the fingerprint, then accept the new key on its page.',
  ),
  noCredential: advise(
    '没有凭据',
    'No credential',
    '为主机指定凭据，或在发起执行时选择一个。',
    'Give the host a credential, or choose one when you launch.',
  ),
  noAgent: advise(
    '没有可用的 ssh-agent',
    'No ssh agent',
    '在主控端启动 ssh-agent 并加入密钥，带着 SSH_AUTH_SOCK 启动 OMServer；或为主机改用密钥凭据。',
    'Start an ssh agent that holds the key where the controller runs, and start OMServer with its SSH_AUTH_SOCK; or give the host a credential with a key.',
  ),
  jumpFailed: advise(
    '跳板机连接失败',
    'Jump host failed',
    '先对跳板机做一次连通性检测。',
    'Run a connectivity check on the jump host first.',
  ),
  handshakeFailed: advise(
    'SSH 握手失败',
    'SSH handshake failed',
    '对端可能不是 SSH 服务、算法过旧或连接数已满；可稍后重试并查看其 sshd 日志。',
    'It may not be an SSH server, offer only old algorithms, or be at its connection limit; retry later and read its sshd log.',
  ),
  endpointFailed: advise(
    '执行通道接入点不可用',
    'Driver endpoint not available',
    '按说明检查接入点：地址、证书、账号密码，以及 salt-api 与 salt-master 是否在运行。',
    'See what the message says of the endpoint: its address, certificate, account and password, and whether salt-api and salt-master run.',
  ),
  minionUnknown: advise(
    'master 上没有这个 minion',
    'Minion unknown to the master',
    '主机名须与 minion id 相同。若 minion 的密钥还在等待接受，在 master 上核对指纹后执行 salt-key -a。',
    'The name of the host must be the id of the minion. If its key waits to be accepted, compare the fingerprint and run salt-key -a on the master.',
  ),
  tlsFailed: advise(
    'TLS 连接失败',
    'TLS failed',
    '查看说明：核对接入点的 CA、证书与私钥，以及主机证书的名称与有效期；老旧 funcd 请打开“旧版 TLS”，或改用 func-transmit。',
    'Read the message: check CA, certificate and key of the endpoint, and name and validity of the host’s certificate; for an old funcd switch on legacy TLS, or use func-transmit.',
  ),
  // failed
  exit: advise(
    '命令返回非零',
    'Command failed',
    '查看该主机的输出。',
    'Read the output of the host.',
  ),
  signal: advise(
    '命令被信号终止',
    'Command killed by a signal',
    '可能是内存不足（OOM）或有人终止了它，查看主机的系统日志。',
    'It ran out of memory or someone killed it; read the system log of the host.',
  ),
  varUnset: advise(
    '主机变量缺失',
    'Host variable missing',
    '为该主机补上缺少的标签。',
    'Give the host the label that is missing.',
  ),
  runAsRefused: advise(
    '无法切换执行账号',
    'Run-as refused',
    '确认账号存在、sudo 规则允许，并填写需要的密码。',
    'Check that the account exists, that sudo allows it, and give the password it asks for.',
  ),
  copyFailed: advise(
    '文件分发失败',
    'Copy failed',
    '确认目标目录存在、有写权限且磁盘未满。',
    'Check that the target folder exists, may be written to, and that the disk is not full.',
  ),
  fetchFailed: advise(
    '文件收集失败',
    'Fetch failed',
    '确认文件存在、账号可读，且不超过单台上限。',
    'Check that the file exists, that the account may read it, and that it is within the limit.',
  ),
  secretMissing: advise(
    '敏感值已失效',
    'Secret gone',
    '密码只在执行期间保存，请重新发起并再次填写。',
    'Passwords are kept only while a run lasts: launch again and type it again.',
  ),
  callFailed: advise(
    '调用出错',
    'The call failed',
    '说明来自主机上的函数本身；完整的出错位置在该主机的错误输出里。',
    'The message is what the function said on the host; where it happened is in the error output of the host.',
  ),
  driverError: advise(
    '执行通道出错',
    'Driver error',
    '查看说明与主控端日志；若重复出现请反馈。',
    'Read the message and the log of the controller; report it if it repeats.',
  ),
  taskFailed: advise(
    '剧本中的任务失败',
    'A task of the playbook failed',
    '查看失败的步骤及其说明，修正后仅重跑失败。',
    'Look at the step that failed and what it says; mend it, then rerun the failed hosts.',
  ),
  playbookError: advise(
    '剧本无法运行',
    'The playbook could not be run',
    '查看说明：缺少 Ansible、剧本有语法错误、输入参数不对，或需要密码。修正后重新发起。',
    'Read the message: Ansible is missing, the playbook does not parse, a parameter is wrong or a password is needed. Mend it and launch again.',
  ),
  // skipped
  threshold: advise(
    '达到失败阈值，未执行',
    'Not started: failure threshold',
    '先处理已失败的主机，再重跑其余主机。',
    'Deal with the hosts that failed, then run the others.',
  ),
  noCheckSupport: advise(
    '不支持试运行',
    'No check mode',
    '该模块没有只读检查，试运行时跳过。',
    'This module has no read-only check and is skipped in check mode.',
  ),
  capability: advise(
    '主机不具备所需能力',
    'Capability missing',
    '查看说明，在主机上安装所需工具或更换执行通道。',
    'Read the message; install what is needed on the host, or use another driver.',
  ),
  notInPlay: advise(
    '剧本未涉及该主机',
    'Not part of the play',
    '剧本的 hosts、limit 或前面的失败使该主机没有执行任何任务；请核对后再发起。',
    'Its hosts:, the limit, or failures before left this host without a task: compare them, then launch again.',
  ),
  loginForgotten: advise(
    '一次性密码已失效，未执行',
    'Not started: the one-time password is gone',
    '一次性密码只在内存中，已随服务重启丢失。请对这些主机重新发起并再次填写密码。',
    'A one-time password is kept in memory only and was lost when the server restarted. Start again for these hosts and type it again.',
  ),
  // timedOut, aborted, lost
  hostTimeout: advise(
    '单机超时',
    'Host timed out',
    '确认命令没有在等待输入；确需更久时调大单机超时。',
    'Check that the command does not wait for input; raise the host timeout if it needs longer.',
  ),
  runTimeout: advise(
    '整体超时',
    'Run timed out',
    '调大整体超时或并发，再重跑未完成的主机。',
    'Raise the run timeout or the concurrency, then run the remaining hosts.',
  ),
  byPerson: advise(
    '被人中止',
    'Aborted by a person',
    '可在执行页重跑这些主机。',
    'These hosts can be run again from the page of the run.',
  ),
  connectionCut: advise(
    '执行中连接断开',
    'Connection cut in mid-command',
    '命令可能仍在运行或已完成。先到主机上确认，再决定是否重跑。',
    'The command may still run or have ended. Look on the host before you run it again.',
  ),
  controllerLost: advise(
    '主控端失联',
    'Controller lost',
    '命令可能已经执行。先到主机上确认，再决定是否重跑。',
    'The command may have run. Look on the host before you run it again.',
  ),
  storeLost: advise(
    '消息系统的数据丢失',
    'The engine’s store was lost',
    'NATS 的 JetStream 数据丢失时该主机已下发。命令可能已经执行，先到主机上确认，再决定是否重跑。',
    'JetStream lost its data while this host was handed out. The command may have run. Look on the host before you run it again.',
  ),
}
