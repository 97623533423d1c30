import { describe, expect, it } from 'vitest'
import { AppleExportReader, type HealthEvent, type HealthValue } from '../../src/health/index.ts'
import { bodyOf } from './support.ts'

function read(xml: string, piece = xml.length) {
  const found: { values: HealthValue[]; events: HealthEvent[]; refused: string[] } = { values: [], events: [], refused: [] }
  const reader = new AppleExportReader({ value: (value) => found.values.push(value), event: (event) => found.events.push(event), refused: (what, why) => found.refused.push(`${what} ${why}`), warned: () => undefined })
  for (let at = 0; at < xml.length; at += piece) reader.write(xml.slice(at, at + piece))
  reader.end()
  return found
}
const record = (attributes: string) => `<HealthData><Record ${attributes}/></HealthData>`

describe('export.xml of Apple Health', () => {
  it('becomes rows by the same rules, in pieces of any length', () => {
    const whole = read(bodyOf('authored/export.xml'))
    expect(whole.values.map(({ metric, value, parts }) => [metric, value, parts])).toEqual([
      ['heart_rate', 88, undefined],
      ['blood_oxygen_saturation', 97, undefined],
      ['step_count', 612, undefined],
      ['sleep_core', 0.5, undefined],
      ['blood_pressure', undefined, '{"systolic":128,"diastolic":82}'],
    ])
    expect(whole.values[0]).toMatchObject({ source: 'Sim’s Watch', startMs: Date.parse('2026-03-01T08:02:58+01:00'), offsetMinutes: 60 })
    expect(whole.events).toMatchObject([{ kind: 'workout', name: 'Walking', source: 'Sim’s Watch' }])
    expect(JSON.parse(whole.events[0]?.detail ?? '{}')).toMatchObject({ statistics: [{ sum: '54.1', unit: 'kcal' }] })
    for (const piece of [1, 7, 100]) expect(read(bodyOf('authored/export.xml'), piece)).toEqual(whole)
  })

  it('a blood pressure that stands twice makes the same row twice', () => {
    const xml = bodyOf('authored/export.xml')
    const pair = /<Record type="HKQuantityTypeIdentifierBloodPressure[^>]*>\s*<Record type="HKQuantityTypeIdentifierBloodPressure[^>]*>/.exec(xml)?.[0] ?? ''
    const rows = read(xml.replace('</HealthData>', `${pair}</HealthData>`)).values.filter(({ metric }) => metric === 'blood_pressure')
    expect(rows).toHaveLength(2)
    expect(rows[1]).toEqual(rows[0])
  })

  it('entity bombs, foreign entities and files without an end are refused', () => {
    for (const bad of [
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><HealthData/>',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><HealthData/>',
      record('type="x" value="&lol;"'),
      '<Record type="',
      `<Record type="${'a'.repeat(2_000_000)}`,
      '<1/>',
    ]) expect(() => read(bad), bad.slice(0, 60)).toThrow()
  })

  it('a file of something else is told as that, and one cut off between two records as cut off', () => {
    expect(() => read('{"data":{"metrics":[]}}')).toThrow('no export of Apple Health')
    const whole = bodyOf('authored/export.xml')
    expect(() => read(whole.slice(0, whole.lastIndexOf('</HealthData>')))).toThrow('ends in the middle')
  })

  it('half a blood pressure is refused and counted', () => {
    const half = record('type="HKQuantityTypeIdentifierBloodPressureSystolic" sourceName="Cuff" unit="mmHg" startDate="2026-03-01 08:00:00 +0100" value="121"')
    expect(read(half)).toMatchObject({ values: [], refused: ['blood_pressure no_value'] })
  })

  it('what it does not know is kept in its own words', () => {
    const when = 'startDate="2026-03-01 09:00:00 +0100" endDate="2026-03-01 09:09:50 +0100"'
    expect(read(record(`type="HKQuantityTypeIdentifierFutureThing" unit="foo" value="3" ${when}`)).values).toMatchObject([{ metric: 'future_thing', value: 3, raw: '{"units":"foo"}' }])
    expect(read(record(`type="HKCategoryTypeIdentifierAppleStandHour" value="HKCategoryValueAppleStandHourStood" ${when}`)).values).toMatchObject([{ metric: 'apple_stand_hour', value: undefined, parts: '{"value":"AppleStandHourStood"}' }])
    expect(read(record(`type="HKQuantityTypeIdentifierHeartRate" unit="count/min" value="900" ${when}`)).refused).toEqual(['heart_rate implausible'])
  })
})
