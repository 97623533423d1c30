import { scored, type Tell } from './judge-sample.ts'
import { NEWS2_HIGH } from './limits.ts'
import type { Judged } from './machine-state.ts'
import { news2At, type News2Now } from './news2.ts'
import { ruleOf } from './rules.ts'
import { isWatched, machineOf, type SubjectFile } from './subject-file.ts'

/** The score of one subject, from what is known now. */
export function judgeScore(file: SubjectFile, atMs: number, tell: Tell): void {
  const { limits, typed = {}, news2Scale = 1, rules } = file.watched
  if (!limits) return
  file.news2 = news2At({ measured: file.measured, typed }, atMs, news2Scale)
  const { total } = file.news2
  const known = file.machines.get('news2')
  if (!limits.news2 || !isWatched(file, 'news2') || (total < limits.news2.value && (!known || known.state.phase === 'normal'))) return
  const machine = machineOf(file, 'news2', ruleOf(limits.news2, { ...rules, worse: 'higher', worseBy: 2 }))
  tell(file, machine, { type: 'value', verdict: verdictOfScore(file, limits.news2.value, file.news2), atMs, value: total, limit: limits.news2.value, questionable: false, ...(total >= NEWS2_HIGH ? { priority: 'high' } : {}) })
}

/**
 * A score against its limit. Fewer points because an input fell away are no recovery: whatever this patient's score was ever made of must be
 * in it still. What nobody measures or types here, as blood pressure on many wards, is no reason to ring for ever.
 */
function verdictOfScore(file: SubjectFile, limit: number, { total, missing }: News2Now): Judged['verdict'] {
  if (total >= limit) return 'violated'
  if (file.heard.size === 0) return 'between'
  const fellAway = missing.some((part) => file.watched.typed?.[part] !== undefined || scored.some(([measured, signals]) => measured === part && signals.some((signal) => file.heard.has(signal))))
  return fellAway ? 'between' : 'within'
}
