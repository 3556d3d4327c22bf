// Says in our words what the file system has against a data folder, before there is a database to say it.

import { Problem } from '@omserver/core'

const full = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])
const unusable = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ELOOP',
])

/** Throws what `work` throws; what the file system had against the folder as Problem DISK_FULL or DATA_FOLDER_UNWRITABLE. */
export const inDataFolder = async <T>(folder: string, work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw dataFolderTrouble(error, folder)
  }
}

const dataFolderTrouble = (error: unknown, folder: string): unknown => {
  const problem = problemOf(error, folder)
  if (problem) problem.cause = error
  return problem ?? error
}

const problemOf = (error: unknown, folder: string): Problem | undefined => {
  // A folder that cannot be written shows itself as a database that cannot be set up.
  if (error instanceof Problem) {
    if (error.code !== 'DB_UNWRITABLE') return undefined
    return new Problem('DATA_FOLDER_UNWRITABLE', { folder, reason: String(error.details.reason) })
  }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined
  }
  const { code } = error
  if (full.has(code)) return new Problem('DISK_FULL', { file: folder })
  const isFolder = unusable.has(code) || /^SQLITE_(CANTOPEN|READONLY|IOERR|PERM)/.test(code)
  return isFolder
    ? new Problem('DATA_FOLDER_UNWRITABLE', { folder, reason: error.message })
    : undefined
}
