// Carries out the few instructions of our Dockerfile without a container engine: a stage is a folder, RUN happens in it.

import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Image {
  readonly root: string
  readonly user: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** Of HEALTHCHECK; undefined: none. */
  readonly health?: readonly string[]
}

interface Instruction {
  readonly word: string
  readonly rest: string
}

export const instructionsOf = (text: string): readonly Instruction[] =>
  text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      return { word, rest }
    })

/** Words of a container, as nspawn takes them: in its own network, with /proc and /dev, by `user`. */
export const inImage = (image: Image, words: readonly string[], more: readonly string[] = []) => [
  ...['--quiet', '--register=no', '--keep-unit', '--pipe', '--private-network', '--as-pid2'],
  ...[`--directory=${image.root}`, `--user=${image.user}`, `--chdir=${image.folder}`],
  ...Object.entries(image.env).map(([name, value]) => `--setenv=${name}=${value}`),
  ...more,
  ...words,
]

interface Files {
  /** Of the build: what the Dockerfile copies from. */
  readonly context: string
  /** The folders that stand for base images, by name. */
  readonly bases: Readonly<Record<string, string>>
}

/** Every stage by its name. Throws for an instruction that it does not know. */
export const buildImages = async (
  file: string,
  { context, bases }: Files,
): Promise<ReadonlyMap<string, Image>> => {
  const images = new Map<string, Image>()
  let name = ''
  let image: Image | undefined
  for (const { word, rest } of instructionsOf(readFileSync(file, 'utf8'))) {
    if (word === 'FROM') {
      const [from = '', , as = ''] = rest.split(' ')
      const before = images.get(from)
      const root = mkdtempSync(join(tmpdir(), 'om-image-'))
      execFileSync('cp', ['-a', `${before?.root ?? bases[from]}/.`, root])
      chmodSync(root, 0o755)
      name = as
      image = before
        ? { ...before, root }
        : { root, user: 'root', folder: '/', env: {}, entrypoint: [], command: [] }
    } else if (image) image = await carriedOut(image, { word, rest }, context, images)
    if (image) images.set(name, image)
  }
  return images
}

const carriedOut = async (
  image: Image,
  { word, rest }: Instruction,
  context: string,
  images: ReadonlyMap<string, Image>,
): Promise<Image> => {
  switch (word) {
    case 'ADD': {
      const [from = '', to = ''] = rest.split(' ')
      mkdirSync(join(image.root, to), { recursive: true })
      for (const archive of globSync(from, { cwd: context })) {
        await run('tar', ['-xzf', join(context, archive), '-C', join(image.root, to)])
      }
      return image
    }
    case 'COPY': {
      const [, stage, from = '', to = ''] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest) ?? []
      const source = stage === undefined ? context : (images.get(stage)?.root ?? 'nowhere')
      mkdirSync(dirname(join(image.root, to)), { recursive: true })
      await run('cp', ['-aT', '--no-preserve=ownership', join(source, from), join(image.root, to)])
      return image
    }
    case 'RUN':
      await run('systemd-nspawn', inImage(image, ['/bin/sh', '-c', rest]))
      return image
    case 'ENV': {
      const pairs = rest.split(' ').map((pair) => pair.split('=', 2))
      return { ...image, env: { ...image.env, ...Object.fromEntries(pairs) } }
    }
    case 'USER':
      return { ...image, user: rest }
    case 'WORKDIR':
      return { ...image, folder: rest }
    case 'ENTRYPOINT':
      return { ...image, entrypoint: JSON.parse(rest) }
    case 'CMD':
      return { ...image, command: JSON.parse(rest) }
    case 'HEALTHCHECK':
      return { ...image, health: JSON.parse(rest.slice(rest.indexOf('['))) }
    case 'VOLUME':
    case 'EXPOSE':
      return image
    default:
      throw new Error(`an instruction that is not known here: ${word} ${rest}`)
  }
}
