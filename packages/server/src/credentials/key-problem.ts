// What can be wrong with a private key, in words for whoever pasted it.

import { Problem, type Text } from '@omserver/core'

const reasons = {
  form: {
    zh: '内容不是私钥，或已损坏、不完整',
    en: 'this is not a private key, or it is damaged or incomplete',
  },
  public: {
    zh: '这是公钥，请粘贴与它成对的私钥',
    en: 'this is the public half; paste the private key that belongs to it',
  },
  putty: {
    zh: '这是 PuTTY 格式，请用 puttygen -O private-openssh 导出为 OpenSSH 格式',
    en: 'this is a PuTTY key; export it with puttygen -O private-openssh',
  },
  weak: {
    zh: 'RSA 密钥不足 2048 位，请换一个更长的密钥',
    en: 'the RSA key is shorter than 2048 bits; use a longer one',
  },
} as const satisfies Record<string, Text>

/** Problem CREDENTIAL_KEY_BAD {reason}. */
export const badKey = (why: keyof typeof reasons): Problem =>
  new Problem('CREDENTIAL_KEY_BAD', { reason: { ...reasons[why] } })

/** The same for an algorithm, cipher or curve that no driver could use. */
export const unsupportedKey = (what: string): Problem => {
  // It comes out of the pasted bytes.
  const name = what.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
  return new Problem('CREDENTIAL_KEY_BAD', {
    reason: {
      zh: `不支持 ${name}，请使用 ed25519、RSA 或 ECDSA 密钥`,
      en: `${name} is not supported; use an ed25519, RSA or ECDSA key`,
    },
  })
}

/** Problem CREDENTIAL_PASSPHRASE: it is missing, or does not open the key. */
export const wrongPassphrase = (): Problem => new Problem('CREDENTIAL_PASSPHRASE')
