// The engine: ports, and the adapters behind them.

export type * from './ports.ts'
