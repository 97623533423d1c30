import { signalByName, type SignalName } from '../catalogue.ts'

/** Values of signals without a column of their own. */
export type ExtraValues = Readonly<Partial<Record<SignalName, number>>>

/**
 * The values of an `other` text that holds nothing but values of known signals and comes back from them to the letter;
 * `undefined` for any other text, which is then kept as it is. Texts are as PostgreSQL writes `jsonb`.
 */
export function extraValuesOf(text: string): ExtraValues | undefined {
  const parsed: unknown = JSON.parse(text)
  const values = valuesIn(parsed)
  return values && otherTextOf(values) === text ? values : undefined
}

/** The `other` text of values, as PostgreSQL writes it: keys by length and then by letter, a space behind comma and colon. */
export function otherTextOf(values: ExtraValues): string {
  const names = Object.keys(values).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  return `{"m": {${names.map((name) => `"${name}": ${String(values[name as SignalName])}`).join(', ')}}}`
}

/** The values of known signals in an `other` text, whatever else it holds. */
export function valuesInOther(text: string): ExtraValues {
  return valuesIn(JSON.parse(text)) ?? {}
}

function valuesIn(other: unknown): ExtraValues | undefined {
  if (typeof other !== 'object' || other === null || !('m' in other)) return undefined
  const { m } = other
  if (typeof m !== 'object' || m === null) return undefined
  const known = Object.entries(m).filter(([name, value]) => signalByName(name) !== undefined && typeof value === 'number')
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
