import { Compile } from 'typebox/compile'
import type { Static, TSchema } from 'typebox'

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

/** A compiled check that answers with the value, or with one sentence that names the field and what is wrong with it. */
export function checker<S extends TSchema>(schema: S): (value: unknown) => Checked<Static<S>> {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value }
    const [first] = compiled.Errors(value)
    return { ok: false, reason: first ? `${first.instancePath || 'message'} ${first.message}` : 'does not fit its schema' }
  }
}
