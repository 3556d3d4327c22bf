// stub
export const decodeOutput = (bytes: Uint8Array, encoding?: string): string => { throw new Error('not written yet') }
export const stripTerminal = (text: string): string => { throw new Error('not written yet') }
export const isEncoding = (label: string): boolean => { throw new Error('not written yet') }
