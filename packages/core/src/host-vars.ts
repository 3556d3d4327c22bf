// The variables of a host that `{ var }` parts of a command may name.

import type { Host } from './host.ts'

/** `host.name`, `host.address`, `host.labels.<label>`; what is frozen into `TargetHost.vars`. */
export const varsOf = (
  host: Pick<Host, 'name' | 'address' | 'labels'>,
): Readonly<Record<string, string>> => ({
  'host.name': host.name,
  'host.address': host.address,
  ...Object.fromEntries(
    Object.entries(host.labels).map(([label, value]) => [`host.labels.${label}`, value]),
  ),
})
