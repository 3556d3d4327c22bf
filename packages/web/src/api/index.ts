// Talking to the server.

export { client } from './client.ts'
export { errorMessage, isCode } from './error-message.ts'
export { keyOf, queryClient, refresh, useAnswer, useChange } from './queries.ts'
export { whenSignedOut } from './signed-out.ts'
