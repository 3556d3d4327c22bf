// What may be wrong with a controller or an IDC, and how it is mended, in both languages.

import type { Trouble } from '@omserver/api'
import type { Presence } from './presence.ts'

/** @param why its certificate was not taken */
export const notEnrolled = (
  { name, idc, sealKey }: { readonly name: string; readonly idc: string; readonly sealKey: string },
  byCertificate: boolean,
  why: string | undefined,
): Trouble => {
  const enroll = `om controllers enroll ${name} --idc ${idc} --key ${sealKey}`
  const reason =
    why === undefined
      ? undefined
      : { zh: `证书未被接受（${why}）。`, en: ` Its certificate is not taken: ${why}.` }
  return {
    what: {
      zh: `尚未登记：它无法打开下发的执行内容。${reason?.zh ?? ''}`,
      en: `Not enrolled: it cannot open what is sent to it.${reason?.en ?? ''}`,
    },
    todo: byCertificate
      ? {
          zh: `为它续期（om pki renew <CA 目录> ${name}），把新的 tls.crt 复制过去：新证书里有它的封装公钥，服务端凭此登记。也可以在它的机器上核对指纹后登记：${enroll}`,
          en: `Renew its certificate (om pki renew DIR ${name}) and copy the new tls.crt there: it has the sealing key in it, by which the server enrols it. Or compare the fingerprint on its machine, then enrol it: ${enroll}`,
        }
      : {
          zh: `在主控端机器上核对指纹后登记：${enroll}`,
          en: `Compare the fingerprint on its machine, then enrol it: ${enroll}`,
        },
  }
}

export const certificateEnds = (name: string, endsAt: number, now: number): Trouble => {
  const day = new Date(endsAt).toISOString().slice(0, 10)
  const has = endsAt <= now
  return {
    what: has
      ? { zh: `证书已于 ${day} 过期。`, en: `Its certificate ended on ${day}.` }
      : {
          zh: `证书将于 ${day} 到期，之后它连不上 nats-server。`,
          en: `Its certificate ends on ${day}; after that nats-server does not let it in.`,
        },
    todo: {
      zh: `在 CA 那里续期：om pki renew <CA 目录> ${name}，再把新的 tls.crt 复制到它的目录。无需重启。`,
      en: `Renew it where the CA is: om pki renew DIR ${name}, then copy the new tls.crt into its folder. No restart is needed.`,
    },
  }
}

export const otherKey: Trouble = {
  what: {
    zh: '它的公钥与登记的不同：可能是重装过，也可能是别人冒用了这个名称。',
    en: 'Its public key is not the one that was enrolled: it was set up anew, or another uses its name.',
  },
  todo: {
    zh: '在主控端机器上核对指纹；确认无误后吊销旧的登记，再重新登记。',
    en: 'Compare the fingerprint on its machine. If it is the right one, revoke the old enrolment and enrol it anew.',
  },
}

export const gone: Trouble = {
  what: {
    zh: '没有消息：进程未运行，或到 NATS 的连接断了。',
    en: 'It says nothing: it does not run, or has lost its connection to NATS.',
  },
  todo: {
    zh: '在它的机器上查看 om controller 的日志；检查证书有效期和到 nats-server 的网络。',
    en: 'Look at the log of om controller on its machine; check the end of its certificate and the way to nats-server.',
  },
}

export const revokedButThere: Trouble = {
  what: { zh: '已吊销，但仍连接着。', en: 'Revoked, and still connected.' },
  todo: {
    zh: '用 om pki revoke 吊销它的证书，写出新的 nats-server 配置并重新加载；然后停止该进程。',
    en: 'Revoke its certificate with om pki revoke, write the configuration of nats-server anew and reload it; then stop the process.',
  },
}

export const otherVersion = (theirs: string, ours: string): Trouble => ({
  what: {
    zh: `版本 ${theirs}，服务端是 ${ours}。`,
    en: `Version ${theirs}; the server has ${ours}.`,
  },
  todo: {
    zh: '先升级服务端，再升级主控端；相差一个版本可以共存。',
    en: 'Upgrade the server first, then the controllers; one version apart works.',
  },
})

export const otherProtocol = (version: number): Trouble => ({
  what: {
    zh: `它使用第 ${version} 版通信协议，本服务端读不懂。`,
    en: `It speaks version ${version} of the protocol, which this server does not read.`,
  },
  todo: {
    zh: '两者相差不止一个版本：先升级较旧的一方。服务端应先于主控端升级。',
    en: 'They are more than one version apart: upgrade the older one. The server goes before its controllers.',
  },
})

/** @param detail as the engine says it */
export const stuck = (detail: string): Trouble => ({
  what: {
    zh: `该机房的结果暂时无法入库：${detail}`,
    en: `Results of this IDC are not stored for now: ${detail}`,
  },
  todo: {
    zh: '若是版本不同，先升级服务端；否则查看服务端日志。结果保留在 nats-server 中，恢复后会照常入库。',
    en: 'If it is about a version, upgrade the server; else look at its log. Results stay in nats-server and are stored afterwards.',
  },
})

export const overloaded = (load: number): Trouble => ({
  what: {
    zh: `负载偏高：每个处理器 ${load}。`,
    en: `High load: ${load} per processor.`,
  },
  todo: {
    zh: '在该机房再加一个主控端，或降低并发。',
    en: 'Add another controller in this IDC, or lower the concurrency of runs.',
  },
})

const startOne = (byCertificate: boolean): Trouble['todo'] =>
  byCertificate
    ? {
        zh: '用 om pki issue 为该机房签发主控端证书，在那里启动 om controller：连上后自动登记。',
        en: 'Issue a certificate for a controller of this IDC with om pki issue, and start om controller there: it is enrolled as soon as it is connected.',
      }
    : {
        zh: '启动该机房的 om controller，并在此登记。',
        en: 'Start om controller in this IDC, and enrol it here.',
      }

export const nobodyThere = (byCertificate: boolean): Trouble => ({
  what: {
    zh: '没有在线的主控端：发往这里的执行在等待。',
    en: 'No controller is there: runs for this IDC wait.',
  },
  todo: startOne(byCertificate),
})

export const nobodyEnrolled = (byCertificate: boolean): Trouble => ({
  what: {
    zh: '没有已登记的主控端：无法下发执行内容。',
    en: 'No controller is enrolled: nothing can be sent there.',
  },
  todo: startOne(byCertificate),
})

export const engineSilent: Trouble = {
  what: {
    zh: '消息系统没有回应：到 NATS 的连接断了，或该机房的链路中断。',
    en: 'The engine does not answer: the connection to NATS is cut, or the link to this IDC.',
  },
  todo: {
    zh: '检查 nats-server 与机房链路；恢复后执行会自动继续。',
    en: 'Check nats-server and the link to the IDC; runs go on by themselves when it is back.',
  },
}

const refusedThing = (what: string, key: string): { readonly zh: string; readonly en: string } => {
  if (what === 'slice') return { zh: `分片 ${key}`, en: `a slice, ${key}` }
  if (what === 'intent') return { zh: `指令 ${key}`, en: `an order, ${key}` }
  return { zh: `信号 ${key}`, en: `a signal, ${key}` }
}

export const refusedSome = ({
  count,
  what,
  key,
  why,
}: NonNullable<Presence['refused']>): Trouble => {
  const thing = refusedThing(what, key)
  return {
    what: {
      zh: `它拒绝了 ${count} 条未经服务端签名的内容，最近一条是${thing.zh}（${why}）。`,
      en: `It refused ${count === 1 ? 'something' : `${count} things`} that no server had signed, last ${thing.en} (${why}).`,
    },
    todo: {
      zh: '若刚更换过服务端证书或 CA，请核对两边的 ca.crt 与有效期；否则是该机房里有人在伪造：查看主控端日志，并吊销可疑的主控端和客户端证书。',
      en: 'If certificates of the server or the CA were changed just now, compare ca.crt and the dates on both sides. Else somebody in this IDC forges: look at the log of the controller, and revoke the controllers and clients you do not trust.',
    },
  }
}
