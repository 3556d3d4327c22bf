// Texts of the screen in both languages.

export { antdTexts } from './languages.ts'
export { startTexts, switchLang, useTexts, withTexts } from './texts.ts'
