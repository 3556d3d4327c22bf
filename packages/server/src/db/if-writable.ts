// For what is nice to have written down: a full disk must not keep people from reading.

import { Problem } from '@omserver/core'

const troubles = new Set(['DISK_FULL', 'DB_UNWRITABLE', 'DB_UNREACHABLE', 'DB_DENIED', 'DB_BUSY'])

/** Rejects with anything but the trouble of writing, which `writeTrouble` tells of. */
export const ifWritable = async (write: Promise<void>): Promise<void> => {
  try {
    await write
  } catch (error) {
    if (!(error instanceof Problem) || !troubles.has(error.code)) throw error
  }
}
