/** ISO 8601 in UTC from milliseconds since the Unix epoch; what the API and PostgreSQL are given. */
export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** `{ key: iso }` when there is a time, `{}` otherwise: optional fields are left out, never null. */
export function isoField<K extends string>(key: K, ms: number | null | undefined): Partial<Record<K, string>> {
  return ms === undefined || ms === null ? {} : ({ [key]: iso(ms) } as Partial<Record<K, string>>)
}

/** `{ key: value }` when there is a value, `{}` otherwise. */
export function field<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === undefined || value === null ? {} : ({ [key]: value } as Partial<Record<K, V>>)
}
