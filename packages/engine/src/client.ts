// The part of the engine that clients enrolled in an IDC may use (desktop, direct command line).

export {
  type DirectClient,
  type DirectClientOptions,
  openDirectClient,
} from './direct/direct-on-demand.ts'
export type { Board, Bus, CallOptions, EventLog, Idc, LogEntry, Stop } from './ports.ts'
export { signingOf } from './signing/signing-on-demand.ts'
