// The cookie that carries a session.

/** `__Host-` binds it to this very host, and works under TLS only. */
const nameOf = (tls: boolean): string => (tls ? '__Host-om_session' : 'om_session')

/** Strict: pages are reached from elsewhere without it, and call the API from here with it. */
export const sessionCookie = (token: string, options: { readonly tls: boolean }): string =>
  `${nameOf(options.tls)}=${token}; Path=/; HttpOnly; SameSite=Strict${options.tls ? '; Secure' : ''}`

export const clearedCookie = (options: { readonly tls: boolean }): string =>
  `${sessionCookie('', options)}; Max-Age=0`

export const readSessionCookie = (
  header: string | undefined,
  options: { readonly tls: boolean },
): string | undefined => {
  const start = `${nameOf(options.tls)}=`
  for (const part of (header ?? '').split(';')) {
    const text = part.trim()
    if (text.startsWith(start)) return text.slice(start.length) || undefined
  }
  return undefined
}
