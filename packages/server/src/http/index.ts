// The http adapter: what slices need to declare handlers, and the server that carries them.

export { type Call, type FileAnswer, type Handler, handle, type SseEvent } from './handler.ts'
export { createHttpServer, type HttpOptions } from './http-server.ts'
export type { Authenticate, Caller, Identity } from './identity.ts'
