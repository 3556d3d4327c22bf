// The http adapter: what slices need to declare handlers, and the server that carries them.

export { callerOf, handedOnFrom } from './caller.ts'
export { errorAnswer } from './error-answer.ts'
export { type FileAnswer, type Handler, handle, type SseEvent } from './handler.ts'
export { createHttpServer } from './http-server.ts'
export type { Caller, Identity } from './identity.ts'
