// Ids of jobs, made here: whoever knows one before the job is published misses nothing, and can ask for it later.

const two = (value: number): string => String(value).padStart(2, '0')

/**
 * 20 digits, as Salt makes them: a time to the microsecond. Ours is exact to the second: the rest is chance, so that
 * two controllers of one master hardly meet.
 */
export const newJid = (now: number, random: () => number): string => {
  const at = new Date(now)
  const day = `${at.getUTCFullYear()}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`
  const time = `${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`
  return `${day}${time}${String(Math.floor(random() * 1e6)).padStart(6, '0')}`
}
