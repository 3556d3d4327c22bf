// What an address may say. It is hostile input: what does not fit is taken as not said.

import * as z from 'zod/mini'

/** This, or nothing. */
export const maybe = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined)

/** A text of at most so many characters, or nothing. */
export const maybeText = (most: number) => maybe(z.string().check(z.maxLength(most)))
