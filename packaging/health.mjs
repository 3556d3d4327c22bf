// The health check of the image: ends with 0 when the server in this container can take work.

import { get } from 'node:https'

const port = process.env.OM_PORT || 8640
// Its own certificate, on loopback: there is nobody to mistake it for.
get({ port, host: '127.0.0.1', path: '/api/health', rejectUnauthorized: false }, (answer) => {
  answer.pipe(process.stdout)
  answer.once('end', () => process.exit(answer.statusCode === 200 ? 0 : 1))
}).once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
