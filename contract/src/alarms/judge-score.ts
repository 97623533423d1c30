import { scored } from './judge-sample.ts'
import type { Judged } from './machine-state.ts'
import type { News2Now } from './news2.ts'
import type { SubjectFile } from './subject-file.ts'

/**
 * A score against its limit. Fewer points because an input fell away are no recovery: whatever this patient's score was ever made of must be
 * in it still. What nobody measures or types here, as blood pressure on many wards, is no reason to ring for ever.
 */
export function verdictOfScore(file: SubjectFile, limit: number, { total, missing }: News2Now): Judged['verdict'] {
  if (total >= limit) return 'violated'
  if (file.heard.size === 0) return 'between'
  const fellAway = missing.some((part) => file.watched.typed?.[part] !== undefined || scored.some(([measured, signals]) => measured === part && signals.some((signal) => file.heard.has(signal))))
  return fellAway ? 'between' : 'within'
}
