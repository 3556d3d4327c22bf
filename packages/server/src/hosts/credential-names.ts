// Credentials by name and by id, as they are when a change of hosts begins.

export interface CredentialNames {
  idOf(nameOrId: string): string | undefined
  nameOf(id: string): string | undefined
}

export const credentialNames = (names: ReadonlyMap<string, string>): CredentialNames => {
  const ids = new Map([...names].map(([id, name]) => [name, id]))
  return {
    idOf: (nameOrId) => ids.get(nameOrId) ?? (names.has(nameOrId) ? nameOrId : undefined),
    nameOf: (id) => names.get(id),
  }
}
