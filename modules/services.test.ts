// service.*: what is ok, what has failed and what is said, with systemd and with init scripts.

import { normaliseAnswer } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serviceReload } from './service/reload.ts'
import { serviceRestart } from './service/restart.ts'
import { serviceStatus } from './service/status.ts'
import { serviceStop } from './service/stop.ts'
import { createOddHost, type OddHost } from './testing/odd-host.ts'

let host: OddHost
beforeEach(() => {
  host = createOddHost()
})
afterEach(() => host.remove())

/** What systemd 252 of Debian 12 was seen to say, byte for byte, of units made for it. */
const seen = {
  active: 'Type=simple\nResult=success\nActiveState=active\n',
  done: 'Type=oneshot\nResult=success\nActiveState=inactive\n',
  left: 'Type=simple\nResult=success\nActiveState=inactive\n',
  dead: 'Type=simple\nResult=exit-code\nActiveState=failed\n',
} as const
/** As its source has it. */
const again = 'Type=simple\nResult=exit-code\nActiveState=activating\n'
const socket = 'Result=success\nActiveState=active\n'

const withSystemd = (state: string, told: { exit: number; says: string }): void => {
  host.put('run/systemd/system/.keep', '')
  host.put('state.txt', state)
  host.put(
    'bin/systemctl',
    `#!/bin/sh
case "$*" in
  *show*) cat '${host.folder}/state.txt' ;;
  *status*) echo 'why it is so'; exit 3 ;;
  *) echo '${told.says}' >&2; echo "$*" > '${host.folder}/told.txt'; exit ${told.exit} ;;
esac
`,
  )
}
const fine = { exit: 0, says: '' }

describe('with systemd', () => {
  test.each([
    ['restart', 'a service that runs', seen.active, 'active\n'],
    ['restart', 'a oneshot unit that did its work', seen.done, 'done, as a oneshot unit is\n'],
    ['restart', 'a unit without a type', socket, 'active\n'],
    ['reload', 'a service that runs on', seen.active, 'active\n'],
    ['stop', 'a service that is down', seen.left, 'inactive\n'],
    ['stop', 'a JVM, which ends with 143', seen.dead, 'not running; it ended with an error\n'],
  ])('%s: %s is ok', (verb, _, state, output) => {
    withSystemd(state, fine)
    for (const shell of ['/bin/sh', '/bin/bash']) {
      expect(host.run(`service.${verb}`, { service: 'nginx' }, shell)).toMatchObject({
        exit: 0,
        output,
      })
    }
  })

  test.each([
    ['restart', 'a service that ended at once', seen.left],
    ['restart', 'a service that failed at once', seen.dead],
    ['restart', 'a service that systemd starts again and again', again],
    ['restart', 'a oneshot unit that failed', seen.dead.replace('simple', 'oneshot')],
    ['reload', 'a service that ended over it', seen.left],
    ['stop', 'a service that runs on', seen.active],
  ])('%s: %s has failed, and it is said why', (verb, _, state) => {
    withSystemd(state, fine)
    const { exit, output, said } = host.run(`service.${verb}`, { service: 'nginx' })
    expect([exit, output]).toEqual([3, ''])
    expect(said).toContain('why it is so')
  })

  test.each([
    ['restart', 1, 'Failed to restart x.service: Unit x.service is masked.'],
    ['restart', 5, 'Failed to restart x.service: Unit x.service not found.'],
    [
      'reload',
      3,
      'Failed to reload x.service: Job type reload is not applicable for unit x.service.',
    ],
    ['stop', 5, 'Failed to stop x.service: Unit x.service not loaded.'],
  ])('%s: what systemd refuses with %i has failed with that', (verb, refused, says) => {
    // Another unit of that name may well run: it is not asked.
    withSystemd(seen.active, { exit: refused, says })
    const { exit, said } = host.run(`service.${verb}`, { service: 'x' })
    expect(exit).toBe(refused)
    expect(said).toContain(says)
  })

  test('an escaped name and an instance reach systemd as they are written', () => {
    withSystemd(seen.active, fine)
    host.run('service.restart', { service: 'dev-disk\\x2dby@a\\x2db' })
    expect(host.read('told.txt')).toBe('restart dev-disk\\x2dby@a\\x2db\n')
  })
})

describe('with init scripts', () => {
  /** `service` stands in sbin, where accounts other than root do not look. */
  const withScript = (says: string, exit: number): void => {
    host.put('etc/init.d/cron', '')
    host.put('sbin/service', `#!/bin/sh\necho '${says}'\nexit ${exit}\n`)
  }
  const statusOf = () => host.run('service.status', { service: 'cron' })

  test.each([
    ['runs', 0, 'active', 'running'],
    ['is stopped', 3, 'inactive', 'stopped'],
    ['died', 1, 'failed', 'dead'],
    ['died and left its lock', 2, 'failed', 'dead'],
    ['crashed, says OpenRC', 32, 'failed', 'dead'],
  ])('status: a service that %s is an answer, with the same table', (_, code, state, sub) => {
    withScript('cron is what it is', code)
    const { exit, rows, output } = statusOf()
    expect([exit, rows]).toEqual([0, [['loaded', state, sub, 'disabled', null, null]]])
    expect(output).toContain('cron is what it is')
  })

  test('status: a script that cannot tell has failed', () => {
    withScript('only root may ask', 4)
    expect(statusOf()).toMatchObject({
      exit: 4,
      rows: [['loaded', 'unknown', 'unknown', 'disabled', null, null]],
    })
  })

  test('status: a service that is not there is an answer, as it is with systemd', () => {
    host.put('sbin/service', '#!/bin/sh\necho "cron: unrecognized service"\nexit 1\n')
    expect(statusOf()).toMatchObject({
      exit: 0,
      rows: [['not-found', 'inactive', 'dead', null, null, null]],
    })
  })

  test.each(['etc/rc3.d/S89cron', 'etc/runlevels/default/cron'])(
    'status: %s starts it at boot',
    (link) => {
      withScript('cron is running', 0)
      host.put(link, '')
      expect(statusOf().rows[0]?.[3]).toBe('enabled')
    },
  )

  test('status: a host with neither has failed, and says so', () => {
    const { exit, said } = statusOf()
    expect([exit, said.includes('neither systemd')]).toEqual([127, true])
  })

  test.each(['restart', 'reload', 'stop'])(
    '%s: the script is told, and its word counts',
    (verb) => {
      host.put('sbin/service', '#!/bin/sh\necho "$@"\nexit 6\n')
      expect(host.run(`service.${verb}`, { service: 'cron' })).toMatchObject({
        exit: 6,
        output: `cron ${verb}\n`,
      })
    },
  )
})

test('hosts on which a service runs the same way give one answer, whatever its pid and since when', () => {
  const said = (pid: number, since: string) =>
    `MainPID=${pid}\nLoadState=loaded\nActiveState=active\nActiveEnterTimestamp=${since}\n`
  for (const { mask = [] } of [serviceStatus, serviceRestart, serviceReload, serviceStop]) {
    const answer = (output: string) =>
      normaliseAnswer(output, { name: 'web-1', address: '10.0.0.1', mask })
    expect(answer(said(39, 'Mon 2026-11-23 07:32:44 UTC'))).toBe(
      answer(said(4711, 'Tue 2026-11-24 21:05:01 UTC')),
    )
  }
})
