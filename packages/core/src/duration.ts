// stub
export const parseDuration = (text: string): number => { throw new Error('not written yet') }
export const formatDuration = (ms: number): string => { throw new Error('not written yet') }
