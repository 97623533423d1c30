// @vitest-environment node
import { readFileSync } from 'node:fs'
import { globSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '@vigil/contract/errors'
import { permissions } from '@vigil/contract/api/rights'
import { absenceReasons, questionReasons } from '@vigil/contract/quality'
import { ageInYears, calendarDate, clockTime, fromLocalInput, plainDate, readDay, readMoment, toLocalInput } from '../src/i18n/calendar.ts'
import { inOneUnit } from '../src/i18n/durations.ts'
import en from '../src/i18n/en/index.ts'
import es from '../src/i18n/es/index.ts'
import pl from '../src/i18n/pl/index.ts'
import zh from '../src/i18n/zh/index.ts'
import { fullName, groupedIdentifier, shortName } from '../src/ui/patient-name.ts'

type Words = { readonly [key: string]: string | Words }
function flat(words: Words, before = ''): Map<string, string> {
  return new Map(Object.entries(words).flatMap(([key, value]) => (typeof value === 'string' ? [[before + key, value] as const] : [...flat(value, `${before}${key}.`)])))
}
const english = flat(en)
const others = { es: flat(es), pl: flat(pl), zh: flat(zh) }
const sources = globSync('src/**/*.{vue,ts}', { cwd: new URL('..', import.meta.url) }).map((file) => ({ file, text: readFileSync(new URL(`../${file}`, import.meta.url), 'utf8') }))
const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').toSorted((a, b) => a.localeCompare(b))
const months = en.calendar.months.split(' ')

describe('the catalogues', () => {
  it.each(Object.entries(others))('have the same entries in every language: %s', (_name, words) => {
    expect([...words.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it.each(Object.entries(others))('have the same slots, as many plural forms, and no empty words: %s', (_name, words) => {
    for (const [key, text] of english) {
      const other = words.get(key) ?? ''
      expect(other.trim(), key).not.toBe('')
      expect(new Set(slots(other)), key).toEqual(new Set(slots(text)))
      expect(other.split(' | ').length, key).toBe(text.split(' | ').length)
    }
  })

  it('are really translated: few entries read the same', () => {
    const same = (words: Map<string, string>) => [...english].filter(([key, text]) => text.length > 6 && /[a-z]{4}/i.test(text) && words.get(key) === text).map(([key]) => key).sort()
    const everywhere = ['alarm.told', 'language.en', 'language.es', 'language.pl', 'news2.atLeast', 'notes.alarmRow', 'notes.noteRow', 'observe.source', 'quiet.by', 'wave.speed']
    expect(same(others.es).filter((key) => !everywhere.includes(key))).toEqual(['devices.firmware', 'devices.hardware', 'role.auditor'])
    expect(same(others.pl).filter((key) => !everywhere.includes(key))).toEqual(['role.admin', 'role.operator'])
    expect(same(others.zh).filter((key) => !everywhere.includes(key))).toEqual([])
  })

  it('in Chinese are Chinese: no entry of more than a few letters stands there in Latin script alone', () => {
    const latin = [...others.zh].filter(([, text]) => /[a-z]{5}/i.test(text.replace(/\{\w+\}/g, '')) && !/\p{Script=Han}/u.test(text)).map(([key]) => key)
    expect(latin.sort()).toEqual(['language.en', 'language.pl'])
  })

  it('have every entry the app names', () => {
    const named = sources.flatMap(({ file, text }) => [...text.matchAll(/(?:\bt\(|says: |trouble\.key|key: )'([a-z][a-zA-Z]*\.[\w.-]+)'/g)].map((m) => [file, m[1] as string] as const))
    expect(named.length).toBeGreaterThan(200)
    expect(named.filter(([, key]) => !english.has(key))).toEqual([])
  })

  it('have a word for every reason a value may lack, for every doubt, and for every refusal an operator of this app can meet', () => {
    for (const reason of absenceReasons) expect(english.has(`absence.${reason}`), reason).toBe(true)
    for (const doubt of questionReasons) expect(english.has(`question.${doubt}`), doubt).toBe(true)
    const others = ['OUTBOUND_ADDRESS', 'METHOD_NOT_ALLOWED', 'NOT_ACCEPTABLE', 'GONE', 'ENROLMENT_REFUSED', 'BACKUP_DAMAGED', 'BACKUP_TARGET', 'SERVER_AWAY', 'SERVER_NOT_TRUSTED', 'NOTICE_NOT_SENT', 'SEGMENT_NOT_EXACT', 'MALFORMED_JSON', 'INVALID_TELEMETRY', 'INVALID_EVENT', 'INVALID_MESSAGE', 'MESSAGE_TOO_LARGE', 'UNKNOWN_DEVICE', 'REFUSED_BY_DATABASE', 'SENSOR_BUS_FAULT', 'SENSOR_NOT_FOUND', 'I2C_UNAVAILABLE', 'SPOOL_FULL', 'SPOOL_CORRUPT', 'SETTINGS_INVALID', 'UNSAFE_BIND', 'PORT_TAKEN', 'START_FAILED', 'MIGRATION_FAILED', 'ROUTE_WITHOUT_PERMISSION', 'UNSUPPORTED_MEDIA_TYPE']
    for (const code of Object.keys(errorCodes)) expect(english.has(`failure.${code}`) || others.includes(code), code).toBe(true)
  })

  it('have a word for every right a person or a program can have', () => {
    expect(permissions.filter((right) => !['public', 'self'].includes(right) && !english.has(`right.${right.replace(':', '_')}`))).toEqual([])
  })

  it('hold all words of the templates: none is written into one', () => {
    const wild = sources.filter(({ file }) => file.endsWith('.vue')).flatMap(({ file, text }) => {
      const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
      const bare = template.replace(/<!--[\s\S]*?-->/g, '').replace(/\{\{[\s\S]*?\}\}/g, '').replace(/<[^>]*"[^"]*"[^>]*>|<[^>]*>/g, '\n').replace(/"[^"]*"/g, '')
      const texts = bare.split('\n').filter((line) => /\p{L}{3,}/u.test(line) && !/[=>"]/.test(line)).map((line) => `${file}: ${line.trim()}`)
      const attributes = [...template.matchAll(/\s(title|aria-label|placeholder|alt|label)="([^"]*\p{L}{2,}[^"]*)"/gu)].map((m) => `${file}: ${m[0].trim()}`)
      return [...texts, ...attributes]
    })
    expect(wild.filter((line) => !/: (?:Vigil|NEWS2)$/.test(line))).toEqual([])
  })
})

describe('times and dates', () => {
  const july = new Date(2026, 6, 4, 2, 4, 7).getTime()

  it('are written on a 24-hour clock and with the month as a word', () => {
    expect([clockTime(july), clockTime(july, { seconds: false }), calendarDate(july, months), plainDate('1945-07-14', months)]).toEqual(['02:04:07', '02:04', '04-Jul-2026', '14-Jul-1945'])
  })

  it('can be typed as they are shown, or as ISO; what is no such day is refused', () => {
    expect(readDay('14-Jul-2026', months)).toBe('2026-07-14')
    expect(readDay('2026-07-14', months)).toBe('2026-07-14')
    expect(readDay('1 feb 2026', months)).toBe('2026-02-01')
    for (const wrong of ['', '31-Feb-2026', '14-Xyz-2026', '07/14/2026', '2026-13-01', 'yesterday']) expect(readDay(wrong, months), wrong).toBeUndefined()
    expect(readMoment('4-Jul-2026 02:04:07', months)).toBe(july)
    for (const wrong of ['4-Jul-2026', '4-Jul-2026 25:00', '4-Jul-2026 02:61', '02:04']) expect(readMoment(wrong, months), wrong).toBeUndefined()
  })

  it('read back as what was written, for every second of forty years', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40 * 365 * 86_400 }), (s) => {
      const ms = Date.UTC(2000, 0, 1) + s * 1_000
      expect(readMoment(`${calendarDate(ms, months)} ${clockTime(ms)}`, months)).toBe(ms)
      expect(fromLocalInput(toLocalInput(ms))).toBe(ms)
    }), { seed: 3 })
  })

  it('count a person a year older on the birthday, not before', () => {
    expect(ageInYears('1945-07-14', new Date(2026, 6, 13, 23, 59).getTime())).toBe(80)
    expect(ageInYears('1945-07-14', new Date(2026, 6, 14).getTime())).toBe(81)
  })

  it('never overstate by rounding: 119 s is one minute', () => {
    expect([inOneUnit(8_900), inOneUnit(119_000), inOneUnit(7_199_000), inOneUnit(200_000_000)]).toEqual([{ n: 8, unit: 'second' }, { n: 1, unit: 'minute' }, { n: 1, unit: 'hour' }, { n: 2, unit: 'day' }])
  })
})

describe('names and numbers of patients', () => {
  it('follow the patient banner: SURNAME, Given (Title)', () => {
    expect(fullName({ familyName: 'Kowalski', givenName: 'Ewa', title: 'Ms' })).toBe('KOWALSKI, Ewa (Ms)')
    expect(fullName({ familyName: 'Unknown', givenName: '', title: '' })).toBe('UNKNOWN')
    expect(shortName({ familyName: 'Núñez', givenName: 'óscar' })).toBe('NÚÑEZ, Ó')
    expect(shortName({ familyName: '王', givenName: '伟' })).toBe('王, 伟')
    expect(shortName({ familyName: 'Kowalski', givenName: 'Ewa' }, 'surname')).toBe('KOWALSKI')
    expect(groupedIdentifier('1297287652')).toBe('129 728 7652')
    expect(groupedIdentifier('H-42')).toBe('H-42')
  })

  it('are hidden on a wall by initials, or by nothing but the bed; a Chinese given name is not given away by its first sign', () => {
    const hidden = (familyName: string, givenName: string) => shortName({ familyName, givenName }, 'initials')
    expect([hidden('Kowalski', 'Ewa'), hidden('García Márquez', 'juan'), hidden('Unknown', ''), hidden('王', '伟'), hidden('王', '小明'), hidden('王', '')]).toEqual(['K. E.', 'G. J.', 'U.', '王*', '王*', '王*'])
    expect(shortName({ familyName: 'Kowalski', givenName: 'Ewa' }, 'bed')).toBe('')
  })
})
