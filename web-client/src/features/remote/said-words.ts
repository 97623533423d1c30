export interface Catalogue {
  readonly t: (key: string) => string
  readonly known: (key: string) => boolean
}

const plain = /^[a-z0-9_]+$/i

/** A word of a device and what it says of it, in words where the catalogue has them: `by`, `log` is "it has no light …". */
export function saidWords({ t, known }: Catalogue, name: string, text: string): string {
  const key = name.replaceAll(' ', '_')
  const whole = `answer.${key}_${text}`
  if (plain.test(key) && plain.test(text) && known(whole)) return t(whole)
  const scenario = `demo.${text}`
  const value = key === 'scenario' && plain.test(text) && known(scenario) ? t(scenario) : text
  return `${plain.test(key) && known(`answer.${key}`) ? t(`answer.${key}`) : name}: ${value}`
}
