// Several servers on one database: one drives, the others hand on to it and wait for their turn.

export type { OpenEngine } from './drive.ts'
export {
  createReplica,
  type Replica,
  type ReplicaOptions,
  type ReplicaState,
} from './replica.ts'
export { workAlone } from './work-alone.ts'
