// A fleet made of one process: real SSH (key exchange, public key, channels) at every 127.x.y.z, canned answers.
// For numbers of connections that real sshd processes would not fit into one machine; for truth there is sshd.
// Prints its port when it listens. Lets every key in, but only those who come from 127.x.y.z: one socket answers all
// of 127/8, and nobody else gets a word out of it.

import { once } from 'node:events'
import { createServer } from 'node:net'
import ssh2 from 'ssh2'

const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private

const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
  client.on('error', () => undefined)
  client.on('authentication', (context) => {
    if (context.method === 'publickey') context.accept()
    else context.reject(['publickey'])
  })
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec) => {
      const channel = acceptExec()
      channel.write('hello\n')
      channel.exit(0)
      channel.end()
    })
  })
})
const server = createServer({ noDelay: true }, (socket) => {
  if (socket.remoteAddress?.startsWith('127.')) ssh.injectSocket(socket)
  else socket.destroy()
})
server.listen(0, '0.0.0.0')
await once(server, 'listening')
const bound = server.address()
if (bound === null || typeof bound === 'string') throw new Error('no port')
console.log(bound.port)
