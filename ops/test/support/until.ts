import { AppError } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { waitUntil } from '../../src/process/end.ts'

/** Waits for something to come true, and says what did not. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  if (!(await waitUntil(condition, limitMs, systemClock))) throw new AppError('INTERNAL', `Waited ${limitMs} ms in vain until ${what}`)
}
