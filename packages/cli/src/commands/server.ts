// `om server`: the web layer alone, with NATS between it and its controllers.

import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { identityOf, leaseOf, type NatsChoice, natsOf } from '../nats-choice.ts'
import { idcsIn } from '../pki/bundle.ts'
import { isCaFolder } from '../pki/identity-folder.ts'
import { readRegister, revokedControllers } from '../pki/register.ts'
import { serveWeb } from '../serve.ts'
import { type UpOptions, upWith } from './up.ts'

export const server = async (options: UpOptions & NatsChoice): Promise<void> => {
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
  const { pki } = options
  const known = identity !== undefined && {
    idcs: () => idcsIn(identity),
    // Beside the CA itself nobody has to be told twice.
    revoked:
      pki !== undefined && isCaFolder(pki)
        ? async () => revokedControllers(readRegister(pki))
        : undefined,
  }
  await upWith(options, (given) => serveWeb(given, nats, known || undefined))
}
