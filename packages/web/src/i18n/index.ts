// Texts of the screen in both languages.

export { antdTexts } from './languages.ts'
export { currentLang, type ScreenTexts, startTexts, switchLang, useTexts } from './texts.ts'
