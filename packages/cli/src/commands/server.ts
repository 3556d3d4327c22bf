// `om server`: the web layer alone, with NATS between it and its controllers.

import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { bookMsOf, identityOf, leaseOf, type NatsChoice, natsOf } from '../nats-choice.ts'
import { idcsIn } from '../pki/bundle.ts'
import { isCaFolder } from '../pki/identity-folder.ts'
import { issuedClients, readRegister, revokedControllers } from '../pki/register.ts'
import { serveWeb, type WebOptions } from '../serve.ts'
import { print } from '../terminal.ts'
import { standsByText, tellFirstAdmin, type UpOptions, upWith } from './up.ts'

interface ServerChoice extends UpOptions, NatsChoice {
  /** HOST:PORT. */
  readonly peerAddress?: string
}

export const server = async (options: ServerChoice): Promise<void> => {
  const identity = identityOf(options, { kind: 'server' })
  const nats = { ...natsOf(options, identity, process.env), leaseMs: leaseOf(process.env) }
  if (nats.role === 'controller') {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${identity} 是主控端的身份，不是服务端的。`,
        en: `${identity} is the identity of a controller, not of a server.`,
      }),
    )
  }
  const { pki, peerAddress } = options
  if (peerAddress !== undefined) requirePlace(peerAddress)
  const known = identity !== undefined && {
    idcs: () => idcsIn(identity),
    // Beside the CA itself nobody has to be told twice.
    ...(pki !== undefined && isCaFolder(pki)
      ? {
          revoked: async () => revokedControllers(readRegister(pki)),
          clients: async () => issuedClients(readRegister(pki)),
        }
      : {}),
  }
  const bookMs = bookMsOf(process.env)
  const web = { nats, peerAddress, onChange: tell, known: known || undefined }
  await upWith(options, (given) => serveWeb({ ...given, bookMs }, web))
}

const requirePlace = (address: string): void => {
  const url = `tcp://${address}`
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '' }
  if (hostname !== '' && port !== '' && `${hostname}:${port}` === address.toLowerCase()) return
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `--peer-address 写作 主机:端口，如 10.0.0.5:8640，而不是 ${address}`,
      en: `--peer-address is written HOST:PORT, as 10.0.0.5:8640, not ${address}`,
    }),
  )
}

/** A line for the journal at each change after the start. */
const tell: WebOptions['onChange'] = (now) => {
  if (now.kind === 'drives') {
    print(say({ zh: '  现在由本服务主持。', en: '  This server drives now.' }))
    tellFirstAdmin(now.firstAdmin)
    return
  }
  print(standsByText(now.driver))
}
