// Salt out of PyPI, installed once into a cache that every later run of the tests finds.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** As they were seen to work together on Python 3.11. */
const PACKAGES = ['salt==3007.16', 'cherrypy==18.10.0']

/** Debian's own: another python3 on the PATH may be too new for Salt. */
const python = (): string => (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3')

/** The folder of its programs. Waits while another test installs it. */
export const saltPrograms = (): string => {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'omserver')
  const folder = join(cache, PACKAGES.join('-').replaceAll('==', '-'))
  mkdirSync(cache, { recursive: true })
  const install = `
    [ ! -e "$0/.ready" ] || exit 0
    rm -rf "$0"
    "$1" -m venv "$0"
    shift
    "$0/bin/pip" install --quiet --disable-pip-version-check "$@" && touch "$0/.ready"`
  // flock: several test files may ask at once.
  execFileSync(
    'flock',
    [`${folder}.lock`, '/bin/sh', '-ec', install, folder, python(), ...PACKAGES],
    { stdio: ['ignore', 'ignore', 'pipe'], timeout: 480_000 },
  )
  return join(folder, 'bin')
}
