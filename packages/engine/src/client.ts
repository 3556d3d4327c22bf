// The part of the engine that clients enrolled in an IDC may use (desktop, direct command line).

export type { Board, Bus, CallOptions, EventLog, Idc, LogEntry, Stop } from './ports.ts'
