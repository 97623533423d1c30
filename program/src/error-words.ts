import { isAppError } from '@vigil/contract/errors'

/**
 * An error in one line for a person: code and sentence of ours, else what it says. Some say nothing themselves, as when each address of a
 * host refused (`AggregateError`): then what they are made of, and at least what they are.
 */
export function wordsOf(error: unknown): string {
  if (isAppError(error)) return `${error.code}: ${error.message}`
  if (!(error instanceof Error)) return String(error)
  if (error.message.trim() !== '') return error.message
  const parts = error instanceof AggregateError ? [...new Set(error.errors.map(wordsOf))] : []
  const { code } = error as NodeJS.ErrnoException
  return parts.length > 0 ? parts.join('; ') : (code ?? error.name)
}
