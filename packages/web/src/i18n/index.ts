// Texts of the screen in both languages.

export { antdTexts } from './languages.ts'
export { startTexts, switchLang, useTexts } from './texts.ts'
