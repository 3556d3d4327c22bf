// A repository over HTTP that asks for a password, by git's own http-backend.

import { execFileSync, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'

/** `seen`: what the logins were that came, decoded. */
export const serveRepository = async (
  folder: string,
  password: string,
): Promise<{ readonly port: number; readonly seen: readonly string[]; close(): void }> => {
  const seen: string[] = []
  const backend = join(
    execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(),
    'git-http-backend',
  )
  const server: Server = createServer((request, response) => {
    const [, given = ''] = (request.headers.authorization ?? '').split(' ')
    const login = Buffer.from(given, 'base64').toString('utf8')
    if (login !== '') seen.push(login)
    if (login !== `ops:${password}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    const { pathname, search } = new URL(request.url ?? '/', 'http://x')
    const child = spawn(backend, [], {
      env: {
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        REMOTE_USER: 'ops',
      },
    })
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.on('close', () => {
      const answer = Buffer.concat(out)
      const end = answer.indexOf('\r\n\r\n')
      const lines = answer.toString('latin1', 0, end).split('\r\n')
      const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string])
      const status = headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? '200'
      for (const [name, value] of headers) if (name !== 'Status') response.setHeader(name, value)
      response.writeHead(Number(status)).end(answer.subarray(end + 4))
    })
    request.pipe(child.stdin)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, seen, close: () => server.close() }
}
