import { useI18n } from 'vue-i18n'
import { ageInYears, calendarDate, clockTime, plainDate, sameDay } from '../i18n/calendar.ts'
import { grouped, inOneUnit, minutesAndSeconds } from '../i18n/durations.ts'

/** Words, dates and durations in the chosen language. */
export function useWords() {
  const i18n = useI18n()
  const { t, locale } = i18n
  const months = () => t('calendar.months').split(' ')

  const date = (ms: number) => calendarDate(ms, months())
  const clock = (ms: number, seconds = true) => clockTime(ms, { seconds })

  return {
    t,
    /** The entry of a group for a code that came from outside; the code itself when the catalogue has none. */
    term: (group: string, code: string) => (i18n.te(`${group}.${code}`, 'en') ? t(`${group}.${code}`) : code),
    known: (key: string) => i18n.te(key, 'en'),
    locale,
    /** `Tuesday`, or `Tue`; by the browser, in the chosen language. */
    weekday: (ms: number, short = false) => new Intl.DateTimeFormat(locale.value, { weekday: short ? 'short' : 'long' }).format(ms),
    /** Twelve short names. */
    months,
    clock,
    date,
    dateTime: (ms: number, seconds = true) => `${date(ms)} ${clock(ms, seconds)}`,
    /** The clock time alone when it was today, with the date otherwise. */
    when: (ms: number, nowMs: number, seconds = true) => (sameDay(ms, nowMs) ? clock(ms, seconds) : `${date(ms)} ${clock(ms, seconds)}`),
    /** `8 s`, `2 min`. */
    duration: (ms: number) => {
      const { n, unit } = inOneUnit(ms)
      return t(`duration.${unit}`, { n })
    },
    /** `1:12`, `12:05`, `1:02:03`: what counts up or down while a person looks. */
    counting: (ms: number) => minutesAndSeconds(ms),
    born: (isoDate: string, nowMs: number) => t('patient.born', { date: plainDate(isoDate, months()), years: ageInYears(isoDate, nowMs) }),
    number: (n: number) => grouped(n, locale.value),
  }
}
