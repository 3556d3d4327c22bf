// stub
import type { Grant } from './access.ts'
import type { SelectableHost } from './selector-match.ts'
export type GrantAnswer = { readonly allowed: true } | { readonly allowed: false; readonly module: boolean; readonly hosts: string[] }
export const grantAllows = (grants: readonly Grant[], moduleName: string, hosts: readonly SelectableHost[], groups?: ReadonlyMap<string, string>): GrantAnswer => { throw new Error('not written yet') }
