import type { Coding } from '../resources/resource.ts'

/** `code`, `system|code`, `|code` (no system) or `system|` (any code of it), FHIR R4 3.1.1.4.10. */
export interface TokenTest {
  /** `undefined`: any; `''`: none. */
  readonly system: string | undefined
  readonly code: string | undefined
}

export function readToken(text: string): TokenTest {
  const bar = text.indexOf('|')
  if (bar < 0) return { system: undefined, code: text }
  const code = text.slice(bar + 1)
  return { system: text.slice(0, bar), code: code === '' ? undefined : code }
}

export function passesToken({ system, code }: TokenTest, coding: Pick<Coding, 'system' | 'code'>): boolean {
  return (system === undefined || system === (coding.system ?? '')) && (code === undefined || code === coding.code)
}

/** Whether any coding passes any of the tests. */
export function anyToken(texts: readonly string[], codings: readonly Pick<Coding, 'system' | 'code'>[]): boolean {
  return texts.some((text) => codings.some((coding) => passesToken(readToken(text), coding)))
}
