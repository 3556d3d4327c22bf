// Talking to the server.

export { client } from './client.ts'
export { errorMessage, isCode } from './error-message.ts'
export { keyOf, queryClient, refresh, useAnswer, useChange } from './queries.ts'
export { tellSignedIn, useSignedOut, useSignIns } from './signed-out.ts'
