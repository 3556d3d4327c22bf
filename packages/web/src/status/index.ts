// How states look.

export { HostStatusMark, RunStatusMark, WordMark } from './status-mark.tsx'
