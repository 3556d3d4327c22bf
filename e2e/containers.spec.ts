// The images and the compose file without a container engine: the instructions of the Dockerfile are carried out on a
// small Debian, and what they start is asked how it is.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildImages, type Image, inImage, instructionsOf } from './support/dockerfile.ts'
import { machinesMissing, makeRoot, removeRoot } from './support/machine.ts'

const repository = resolve(import.meta.dirname, '..')
const packaging = join(repository, 'packaging')
const dockerfile = join(packaging, 'Dockerfile')
const composeText = readFileSync(join(packaging, 'compose.yaml'), 'utf8')
const run = promisify(execFile)
const reason = machinesMissing()
const UID = 8640

interface Service {
  readonly image: string
  readonly build?: {
    readonly context: string
    readonly dockerfile: string
    readonly target: string
  }
  readonly command?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: readonly string[]
}
const services: Record<string, Service> = parse(composeText).services

let base: string
let folder: string
let images: ReadonlyMap<string, Image> = new Map()
const imageOf = (name: string): Image => {
  const found = images.get(name)
  if (!found) throw new Error(`no stage ${name}`)
  return found
}

/** `om …` as the service `om` runs it: the entrypoint of the server's image, with the folder of the CA. */
const om = async (...words: readonly string[]): Promise<string> => {
  const image = imageOf('server')
  const bind = `--bind=${join(folder, 'pki')}:/pki`
  const { stdout } = await run(
    'systemd-nspawn',
    inImage(image, [...image.entrypoint, ...words], [bind]),
  )
  return stdout
}

beforeAll(async () => {
  if (reason) return
  folder = mkdtempSync(join(tmpdir(), 'om-compose-'))
  const [made] = await Promise.all([
    // What the image of Debian has, too.
    makeRoot(['apt', 'passwd', 'libstdc++6']),
    run('sh', ['scripts/dist.sh'], { cwd: repository, timeout: 280_000 }),
  ])
  base = made
  images = await buildImages(dockerfile, {
    context: repository,
    bases: { 'debian:bookworm-slim': base },
  })
  mkdirSync(join(folder, 'pki'), { mode: 0o700 })
  chownSync(join(folder, 'pki'), UID, UID)
}, 300_000)
afterAll(() => {
  for (const { root } of images.values()) removeRoot(root)
  if (base) removeRoot(base)
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('the compose file names images, targets and folders that there are', () => {
  const stages = instructionsOf(readFileSync(dockerfile, 'utf8'))
    .filter(({ word }) => word === 'FROM')
    .map(({ rest }) => rest.split(' ').at(-1))
  for (const [name, { image, build, depends_on = [], ports = [] }] of Object.entries(services)) {
    if (build) {
      expect([name, stages.includes(build.target), image]).toEqual([
        name,
        true,
        `omserver/${build.target}`,
      ])
      expect(existsSync(join(packaging, build.context, build.dockerfile))).toBe(true)
    }
    expect(depends_on.filter((one) => !(one in services))).toEqual([])
    // To this machine only, until somebody says otherwise.
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  }
  expect(services['nats']?.ports).toBeUndefined()
  // Nobody but the one-off service sees the key of the CA.
  const whole = Object.entries(services).filter(([, { volumes = [] }]) =>
    volumes.some((one) => one.startsWith('./pki:')),
  )
  expect(whole.map(([name]) => name)).toEqual(['om'])
})

describe.skipIf(reason !== undefined)(`the images${reason ? ` (${reason})` : ''}`, () => {
  test('run as a user without rights, who can change nothing of the program', () => {
    for (const name of ['server', 'controller']) {
      expect(imageOf(name)).toMatchObject({ user: 'omserver', entrypoint: ['/usr/bin/om'] })
    }
    expect(existsSync(join(imageOf('base').root, 'opt/omserver/runtime/node'))).toBe(true)
    expect(existsSync(join(imageOf('base').root, 'usr/bin/node'))).toBe(false)
  })

  test('the server starts by its entrypoint, and its health check says that it is well', async () => {
    const image = imageOf('server')
    const server: ChildProcess = spawn(
      'systemd-nspawn',
      inImage(image, [
        '/bin/sh',
        '-c',
        // The check is made in the same container: beside the program that the image starts.
        `"$@" >&2 & until ${image.health?.join(' ')}; do sleep 0.3; done; id -un; kill $!; wait`,
        'sh',
        ...image.entrypoint,
        ...image.command,
      ]),
      { stdio: ['ignore', 'pipe', 'ignore'], timeout: 90_000 },
    )
    let said = ''
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const code = await new Promise((ended) => server.once('exit', ended))
    expect([code, said]).toEqual([0, expect.stringMatching(/"status":"ok".*omserver\n$/s)])
  })

  test('the commands in the compose file make what its services start from', async () => {
    const commands = [...composeText.matchAll(/^# +docker compose run --rm om (.*)$/gm)]
    expect(commands.length).toBe(5)
    for (const [, words = ''] of commands) await om(...words.split(' '))
    for (const [name, { volumes = [] }] of Object.entries(services)) {
      for (const volume of volumes.filter((one) => one.startsWith('./pki/'))) {
        const [place = ''] = volume.split(':')
        expect([name, place, existsSync(join(folder, place, 'tls.key'))]).toEqual([
          name,
          place,
          true,
        ])
      }
    }
    const config = readFileSync(join(folder, 'pki/nats/nats-server.conf'), 'utf8')
    const { volumes = [] } = services['nats'] ?? {}
    expect(volumes.map((one) => one.split(':')[1])).toEqual(['/etc/nats', '/data'])
    expect(config).toContain('"/etc/nats/tls.crt"')
    expect(config).toContain('store_dir: "/data"')
  })

  test('server and controller take the words that the compose file gives them', async () => {
    for (const [name, stage] of [
      ['server', 'server'],
      ['controller', 'controller'],
    ] as const) {
      const image = imageOf(stage)
      const words = services[name]?.command ?? image.command
      const help = await om(words[0] ?? '', '--help')
      for (const option of words.filter((one) => one.startsWith('--')))
        expect(help).toContain(option)
    }
    const image = imageOf('controller')
    const bind = `--bind-ro=${join(folder, 'pki/sz-1')}:/etc/omserver/pki`
    // Nobody answers in its network: how far it comes says that it has found itself.
    const script = `"$@" >/tmp/said 2>&1 & for n in $(seq 200); do
      grep -q nats:4222 /tmp/said && break; sleep 0.3
    done; kill -9 $!; cat /tmp/said`
    const words = ['/bin/sh', '-c', script, 'sh', ...image.entrypoint, ...image.command]
    const { stdout } = await run('systemd-nspawn', inImage(image, words, [bind]))
    expect(stdout).toMatch(/sz-1.*sz[\s\S]*tls:\/\/nats:4222/)
  })
})
