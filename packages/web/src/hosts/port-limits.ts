// Which numbers are ports.

export const portLimits = { min: 1, max: 65_535, integer: true } as const
