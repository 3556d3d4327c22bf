// Reads what a row of an endpoint holds: text that this server wrote itself.

import { endpointKinds } from '@omserver/core'
import { z } from 'zod'

const kindSchema = z.enum(endpointKinds)
const settingsSchema = z.record(z.string(), z.json())
const secretsSchema = z.record(z.string(), z.string())

export const kindOf = (text: string) => kindSchema.parse(text)
export const settingsOf = (text: string) => settingsSchema.parse(JSON.parse(text))
export const secretsOf = (text: string) => secretsSchema.parse(JSON.parse(text))
