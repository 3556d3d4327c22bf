// The commands of a guide: its fenced blocks whose first line says on which machine they are run, ```sh MACHINE.

import { readFileSync } from 'node:fs'

export interface GuideBlock {
  readonly machine: string
  /** What else stands behind the name of the machine. */
  readonly note: string
  readonly script: string
}

export const guideBlocks = (file: string): readonly GuideBlock[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```sh (\S+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, machine = '', note = '', script = '']) => ({ machine, note, script }),
  )
