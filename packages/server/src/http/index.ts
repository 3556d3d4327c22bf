// The http adapter: what slices need to declare handlers, and the server that carries them.

export { type FileAnswer, type Handler, handle, type SseEvent } from './handler.ts'
export { createHttpServer } from './http-server.ts'
export type { Caller, Identity } from './identity.ts'
