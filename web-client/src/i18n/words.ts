import { createI18n, type I18n } from 'vue-i18n'
import { watch } from 'vue'
import type { Language, Preferences } from '../preferences.ts'
import en from './en/index.ts'

export type Catalogue = typeof en

const loaders: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  es: async () => (await import('./es/index.ts')).default,
  pl: async () => (await import('./pl/index.ts')).default,
  zh: async () => (await import('./zh/index.ts')).default,
}

/** The app's words. English is always there and stands in for what a catalogue lacks; others load when chosen. */
export function createWords(preferences: Preferences): I18n<Record<string, Catalogue>, Record<string, never>, Record<string, never>, string, false> {
  const messages: Record<string, Catalogue> = { en }
  const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages, missingWarn: false, fallbackWarn: false })
  const choose = async (language: Language) => {
    i18n.global.setLocaleMessage(language, await loaders[language]())
    i18n.global.locale.value = language
    document.documentElement.lang = language
  }
  watch(() => preferences.language, (language) => void choose(language), { immediate: true })
  return i18n
}
