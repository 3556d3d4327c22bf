// What stays within a project: paths of playbooks, and symbolic links.

import { posix } from 'node:path'
import { Problem } from '@omserver/core'

/**
 * A link may climb first and then only descend: `../group_vars/all`. One that climbs after it has descended may have
 * gone through another link, and nobody can say from its text where it ends. Throws Problem PROJECT_LINK.
 */
export const requireInside = (path: string, target: string): void => {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.')
  const firstName = parts.findIndex((part) => part !== '..')
  const climbs = firstName === -1 ? parts.length : firstName
  const depth = path.split('/').length - 1
  const climbsLater = firstName !== -1 && parts.slice(firstName).includes('..')
  if (target === '' || target.startsWith('/') || climbs > depth || climbsLater) {
    throw new Problem('PROJECT_LINK', { path, target })
  }
}

/** As it stands in the list of files. Throws Problem PLAYBOOK_OUTSIDE. */
export const playbookPath = (given: string): string => {
  const path = posix.normalize(given)
  if (path === '.' || path.startsWith('/') || path.split('/')[0] === '..' || /[\0\n]/.test(path)) {
    throw new Problem('PLAYBOOK_OUTSIDE', { playbook: given })
  }
  return path
}
