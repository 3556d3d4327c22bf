// What the seal of a credential is bound to: moved to another row, it does not open.

export const sealContext = (credentialId: string): string => `credential:${credentialId}`
