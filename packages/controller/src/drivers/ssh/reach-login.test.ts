// Reaching a host: every way to log in, and each reason why a login can fail.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, accountsMissing, makeAccount } from '../../../../../e2e/support/account.ts'
import { makeKey, type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import { openReach, type Reach } from './reach.fixture.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

const missing = sshdMissing()
describe.skipIf(missing !== undefined)(
  `reaching hosts${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let sshd: Sshd
    let own: TestDriver
    let access: Reach['access']
    let carry: Reach['carry']

    beforeAll(async () => {
      ;({ sshd, own, access, carry } = await openReach())
    })
    afterAll(async () => {
      await own?.driver.close()
      await sshd?.stop()
    })

    it('logs in with ed25519, rsa and ecdsa keys', async () => {
      for (const type of ['ed25519', 'rsa', 'ecdsa'] as const) {
        const key = makeKey({ type })
        sshd.authorize(key.publicKey)
        const id = own.credential(`key-${type}`, sshd.user, { key: key.privateKey })
        const { end, stdout } = await carry(access({ credentialId: id }))
        expect([type, end.state, stdout.toString()]).toEqual([type, 'ok', 'hello\n'])
      }
    })

    it('opens a key with its passphrase, and says so when it is wrong or missing', async () => {
      const key = makeKey({ passphrase: 'open sesame' })
      sshd.authorize(key.publicKey)
      const id = own.credential('locked', sshd.user, {
        key: key.privateKey,
        passphrase: 'open sesame',
      })
      expect((await carry(access({ credentialId: id }))).end.state).toBe('ok')
      for (const passphrase of ['wrong', undefined]) {
        own.credential('locked', sshd.user, { key: key.privateKey, passphrase })
        const { end, calls } = await carry(access({ credentialId: id }))
        expect(end).toMatchObject({ state: 'unreachable', reason: 'noCredential' })
        expect(end.message).toMatch(/passphrase/)
        expect(calls).toEqual([])
      }
    })

    it('refuses a key the host does not know, and sends nothing', async () => {
      const id = own.credential('stranger', sshd.user, { key: makeKey().privateKey })
      const { end, calls } = await carry(access({ credentialId: id }))
      expect(end).toMatchObject({ state: 'unreachable', reason: 'authFailed' })
      expect(end.message).toContain(sshd.user)
      expect(calls).toEqual([])
    })

    it('says that a credential is missing, unknown or unreadable', async () => {
      const none = await carry(access({ credentialId: undefined }))
      expect(none.end).toMatchObject({ state: 'unreachable', reason: 'noCredential' })
      const unknown = await carry(access({ credentialId: 'nobody' }))
      expect(unknown.end).toMatchObject({ state: 'unreachable', reason: 'noCredential' })
      const id = own.credential('broken', sshd.user, { key: 'not a key' })
      const broken = await carry(access({ credentialId: id }))
      expect(broken.end).toMatchObject({ state: 'unreachable', reason: 'noCredential' })
      expect(broken.end.message).not.toContain('not a key')
    })

    it('logs in with an ssh agent', async () => {
      const socket = join(sshd.folder, 'agent')
      const agent = spawn('ssh-agent', ['-D', '-a', socket], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      try {
        await once(agent.stdout, 'data')
        execFileSync('ssh-add', ['-q', '-'], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          input: sshd.key.privateKey,
          stdio: ['pipe', 'ignore', 'ignore'],
        })
        const withAgent = testDriver({ agentSocket: socket })
        withAgent.credential('agent', sshd.user, 'agent')
        const { end } = await carry(access({ credentialId: 'agent' }), [], 10_000, withAgent)
        await withAgent.driver.close()
        expect(end.state).toBe('ok')
        const without = testDriver({ agentSocket: join(sshd.folder, 'no-agent') })
        without.credential('agent', sshd.user, 'agent')
        const refused = await carry(access({ credentialId: 'agent' }), [], 10_000, without)
        await without.driver.close()
        expect(refused.end).toMatchObject({ state: 'unreachable', reason: 'noAgent' })
        expect(refused.end.message).toContain('no-agent')
      } finally {
        agent.kill()
      }
    })

    const noAccounts = accountsMissing()
    describe.skipIf(noAccounts !== undefined)(
      `passwords${noAccounts ? ` (skipped: ${noAccounts})` : ''}`,
      () => {
        let account: Account
        beforeAll(() => {
          account = makeAccount()
        })
        afterAll(() => account?.remove())

        for (const [way, config] of [
          ['password', ['PasswordAuthentication yes']],
          [
            'keyboard-interactive',
            ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no'],
          ],
        ] as const) {
          it(`logs in by ${way}, and refuses a wrong password`, async () => {
            const server = await startSshd({ config })
            try {
              const use = testDriver()
              use.credential('pw', account.name, { password: account.password })
              const to = access({
                port: server.port,
                hostKey: server.hostKeys[0],
                credentialId: 'pw',
              })
              expect((await carry(to, [], 10_000, use)).end.state).toBe('ok')
              use.credential('pw', account.name, { password: 'wrong' })
              const { end } = await carry(to, [], 10_000, use)
              await use.driver.close()
              expect(end).toMatchObject({ state: 'unreachable', reason: 'authFailed' })
              expect(end.message).not.toContain('wrong')
            } finally {
              await server.stop()
            }
          })
        }
      },
    )
  },
)
