// What runs on this machine, read from /proc: whether a command is really gone, and how much memory a server took.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    // It ended while we looked.
    return ''
  }
}

/** Pids of living processes with `text` among their arguments. */
export const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(`/proc/${name}/cmdline`).includes(text))
    .map(Number)

const parentOf = (pid: number): number => {
  const stat = read(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

/** The processes above it, nearest first. */
export const ancestorsOf = (pid: number): readonly number[] => {
  const above: number[] = []
  for (let at = parentOf(pid); at > 1; at = parentOf(at)) above.push(at)
  return above
}

export const nameOfProcess = (pid: number): string => read(`/proc/${pid}/comm`).trim()

export const killIfThere = (pids: readonly number[]): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
}

/** Resident memory in MiB: now, or the most since `forgetPeak`. */
export const memoryOf = (pid: number, which: 'VmRSS' | 'VmHWM'): number => {
  const line = new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`))
  if (!line) throw new Error(`no ${which} of process ${pid}`)
  return Number(line[1]) / 1024
}

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')
