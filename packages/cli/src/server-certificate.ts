// Which https servers the command line believes: those that an authority of this machine vouches for, and one whose
// self-made certificate a person has compared.

import { connect, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'
import { ask, canAsk } from './prompt.ts'

const HANDSHAKE_MS = 15_000

/** From here on every connection of this process also believes this certificate. */
export const believe = (certificate: string | undefined): void => {
  if (certificate === undefined) return
  setDefaultCACertificates([...getCACertificates('default'), certificate])
}

/**
 * PEM of the server's certificate where it is self-made and the person says, or `fingerprint` proves, that it is the
 * right one; undefined where nothing has to be believed. Throws ExitError.
 */
export const comparedCertificate = async (
  url: string,
  fingerprint: string | undefined,
): Promise<string | undefined> => {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'https:') {
    if (fingerprint === undefined) return undefined
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `--fingerprint 只用于 https 地址：${url}`,
        en: `--fingerprint is for an https address, not ${url}`,
      }),
    )
  }
  const shown = await shownBy(hostname.replace(/^\[|\]$/g, ''), Number(port || 443))
  if (shown === undefined) return undefined
  if (fingerprint !== undefined && hexOf(fingerprint) !== hexOf(shown.fingerprint)) {
    throw otherCertificate(shown.fingerprint)
  }
  // Anything else that may be wrong with it is said by the connection that sends the password.
  if (shown.trouble !== 'DEPTH_ZERO_SELF_SIGNED_CERT') return undefined
  if (fingerprint !== undefined) return shown.pem
  if (!canAsk()) throw unknownCertificate(shown.fingerprint)
  const answer = await ask(
    say({
      zh: `服务器使用自签证书，指纹 ${shown.fingerprint}。\n与 om up 启动时显示的一致吗？[y/N] `,
      en: `The server has a self-made certificate with the fingerprint ${shown.fingerprint}.\nIs it the one that om up printed? [y/N] `,
    }),
  )
  if (/^y(es)?$/i.test(answer)) return shown.pem
  throw new ExitError(
    EXIT_SERVER,
    say({ zh: '未信任该证书，没有登录。', en: 'The certificate is not trusted; not signed in.' }),
  )
}

const otherCertificate = (shown: string): ExitError =>
  new ExitError(
    EXIT_SERVER,
    say({
      zh: `服务器出示的是另一张证书，指纹 ${shown}。没有发送密码。请与 om up 启动时显示的指纹核对。`,
      en: `The server shows another certificate, with the fingerprint ${shown}. No password was sent. Compare it with the one that om up printed.`,
    }),
  )

const unknownCertificate = (fingerprint: string): ExitError =>
  new ExitError(
    EXIT_SERVER,
    say({
      zh: `服务器使用自签证书，指纹 ${fingerprint}。请与 om up 启动时显示的核对，一致时加上 --fingerprint ${fingerprint} 再登录。`,
      en: `The server has a self-made certificate with the fingerprint ${fingerprint}. Compare it with the one that om up printed; if they agree, sign in with --fingerprint ${fingerprint}.`,
    }),
  )

const hexOf = (fingerprint: string): string =>
  fingerprint
    .replace(/^sha-?256:?/i, '')
    .replace(/[^0-9a-f]/gi, '')
    .toLowerCase()

interface Shown {
  readonly pem: string
  readonly fingerprint: string
  /** Code of what this machine has against it. */
  readonly trouble: string | undefined
}

/** undefined: no handshake; the client then says why. Nothing is sent. */
const shownBy = (host: string, port: number): Promise<Shown | undefined> =>
  new Promise((resolve) => {
    const socket: TLSSocket = connect(
      // A name goes into the handshake; an address must not (RFC 6066).
      {
        host,
        port,
        rejectUnauthorized: false,
        ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      },
      () => {
        const certificate = socket.getPeerX509Certificate()
        const error: unknown = socket.authorizationError
        socket.destroy()
        resolve(
          certificate && {
            pem: certificate.toString(),
            fingerprint: certificate.fingerprint256,
            trouble: error ? codeOf(error) : undefined,
          },
        )
      },
    )
    const giveUp = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.setTimeout(HANDSHAKE_MS, giveUp)
    socket.on('error', giveUp)
  })

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

/** What to do about a certificate that the connection was broken off for; undefined: it was something else. */
export const certificateAdvice = (cause: unknown): string | undefined => {
  if (!untrusted.has(codeOf(cause))) return undefined
  return say({
    zh: '服务器的证书不受信任，或已更换。自签证书：请重新 om login 并核对指纹；由内部 CA 签发：请设置 NODE_EXTRA_CA_CERTS=该 CA 的 PEM 文件。',
    en: 'The certificate of the server is not trusted here, or was replaced. If it is self-made, run om login again and compare its fingerprint; if an authority of your own has signed it, set NODE_EXTRA_CA_CERTS to the PEM file of that authority.',
  })
}
