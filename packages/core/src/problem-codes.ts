// stub
import type { Text } from './text.ts'
export const problemTexts = {} as const satisfies Record<string, Text>
export const fillText = (template: Text, details: Readonly<Record<string, unknown>>): Text => template
