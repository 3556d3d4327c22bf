// The engine: ports, and the adapters behind them.

export * from './abort-signal.ts'
export * from './after.ts'
export { RemoteProblem } from './calls/remote-problem.ts'
export * from './direct/direct-on-demand.ts'
export {
  type Letter,
  type LetterKind,
  type OpenedLetter,
  openAnswer,
  openLetter,
  openRunKey,
  parseLetter,
  sealAnswer,
  writeLetter,
} from './direct/letter.ts'
export * from './direct/methods.ts'
export {
  BOOK_KEY,
  type BookHead,
  bookPieceKey,
  type OpenedBook,
  openBook,
  readBookHead,
} from './direct/open-book.ts'
export { sliceKeyOf } from './direct/run-key.ts'
export * from './embedded/embedded-engine.ts'
export type { BlobStore } from './embedded/local-blobs.ts'
export type { Lease } from './embedded/memory-queue.ts'
export { domainOf } from './nats/names.ts'
export * from './nats/nats-on-demand.ts'
export {
  blobReads,
  clientPermissions,
  controllerPermissions,
  nameOfToken,
  type Permissions,
  tokenOf,
} from './nats/permissions.ts'
export type * from './ports.ts'
export { fingerprintOf, isSealKey, makeSealKeys, type SealKeyPair } from './sealing/seal-key.ts'
export type { Sealing } from './sealing/sealing.ts'
export * from './sealing/sealing-on-demand.ts'
export { checkHello, type Introduced, signHello } from './signing/hello.ts'
export { SEAL_KEY_OID, sealKeyValue } from './signing/seal-key-extension.ts'
export { NotProven } from './signing/signing.ts'
export * from './signing/signing-on-demand.ts'
export * from './unbegun.ts'
export type { UnreadableValue } from './unreadable-version.ts'
