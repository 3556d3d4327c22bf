// Addresses of Git repositories: which are taken, and that none carries a password.

import { Problem, type Text } from '@omserver/core'

const schemes = new Set(['https:', 'http:', 'ssh:', 'git:', 'file:'])
/** `git@host:path`, as ssh is mostly written. */
const SHORT_SSH = /^[A-Za-z0-9._-]+@[A-Za-z0-9._-]+:(?!\/\/)[^\s\p{C}]+$/u

const bad = (why: Text): Problem => new Problem('PROJECT_URL_BAD', { why: { ...why } })

/** Throws Problem PROJECT_URL_BAD {why}. */
export const requireGitUrl = (given: string): string => {
  if (SHORT_SSH.test(given) || /^\/[^\s\p{C}]*$/u.test(given)) return given
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !schemes.has(url.protocol) || /[\s\p{C}]/u.test(given)) {
    throw bad({
      zh: '应以 https、ssh、git 或 file 开头，或形如 git@主机:路径',
      en: 'it begins with https, ssh, git or file, or is written git@host:path',
    })
  }
  if (url.password !== '') {
    throw bad({
      zh: '地址里不能带密码；请新建密码类凭据并在这里引用',
      en: 'it must not carry a password: add a credential of the type password and name that one',
    })
  }
  return given
}
