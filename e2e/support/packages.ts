// The Debian package of the release as `npm run dist:deb` makes it, and a later version of it.

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const repository = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

export const VERSION: string = JSON.parse(
  readFileSync(join(repository, 'package.json'), 'utf8'),
).version

/** Path of the package. */
export const debianPackage = async (): Promise<string> => {
  await run('sh', ['scripts/dist-deb.sh'], { cwd: repository, timeout: 280_000 })
  const { stdout } = await run('dpkg', ['--print-architecture'])
  return join(repository, 'dist', `omserver_${VERSION}_${stdout.trim()}.deb`)
}

/** The same under another version, which the program names too. */
export const packageAs = async (
  version: string,
  original: string,
  folder: string,
): Promise<string> => {
  const tree = join(folder, 'tree')
  const made = join(folder, `omserver_${version}.deb`)
  await run('dpkg-deb', ['--raw-extract', original, tree])
  for (const file of [
    'DEBIAN/control',
    'usr/lib/omserver/package.json',
    'usr/lib/omserver/packages/cli/package.json',
  ]) {
    const path = join(tree, file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(VERSION, version))
  }
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, made])
  return made
}
