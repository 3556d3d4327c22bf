// Waits for something that may never answer, and not longer than that.

/** undefined: too late, or it said no. What it does goes on. */
export const inTime = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  try {
    return await Promise.race([work.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
