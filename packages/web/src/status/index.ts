// How states look.

export { HostStatusMark, RunStatusMark } from './status-mark.tsx'
