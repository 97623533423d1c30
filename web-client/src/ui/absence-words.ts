import { groupOf } from './vital-signals.ts'

/** Why a value could not be had, in words that say what to look at: "finger off" for an oximeter, "sensor off" otherwise. */
export function absenceWords(t: (key: string) => string, signal: string, reason: string | undefined): string {
  if (reason === undefined) return t('absence.unknown')
  const group = groupOf(signal)
  if (reason === 'off' && (group === 'heart' || group === 'oxygen')) return t('absence.off-finger')
  if (reason === 'off' && (group === 'pressure' || signal === 'rr')) return t('absence.off-mask')
  return t(`absence.${reason}`)
}
