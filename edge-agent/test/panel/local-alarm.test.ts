import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { Second } from '../../src/core/patient-events.ts'
import { createBedside } from '../../src/panel/bedside.ts'
import { type LocalAlarmWhen, whyNotSetting } from '../../src/commands/config-keys.ts'
import { conditionInWords, displayWords } from '../../src/panel/words.ts'
import { createLocalAlarm, type LocalLimits } from '../../src/panel/local-alarm.ts'
import type { Button } from '../../src/panel/panel.ts'

const measured = (m: Second['m'], q: Second['q'] = {}): Second => ({ m, q, x: {}, sq: {} })
const heard = (...conditions: string[]): AlarmConfirmation => ({ t: 0, for: 15_000, armed: 1, a: conditions.map((c) => ({ c, p: 'high', st: 'active', since: 0 })) })

/** The alarm fed once a second; answers what sounds at the end. */
function ward(limits: LocalLimits = {}, when: LocalAlarmWhen = 'unconfirmed') {
  const alarm = createLocalAlarm()
  let atMs = 0
  let now = alarm.second(measured({}), limits, atMs)
  const changes: string[] = []
  const pass = (seconds: number, second: Second, confirmation?: AlarmConfirmation): string[] => {
    for (let n = 0; n < seconds; n += 1) {
      atMs += 1_000
      if (confirmation) alarm.confirmed(confirmation, atMs)
      now = alarm.second(second, limits, atMs, when)
      changes.push(...now.changes.map(({ condition, ph }) => `${condition} ${ph}`))
    }
    return now.sounding.map(({ condition }) => condition)
  }
  return { pass, changes, hush: () => alarm.hush(atMs), open: () => now.open.map(({ condition }) => condition) }
}
const low = measured({ spo2: 86, pr: 70 })
const good = measured({ spo2: 97, pr: 70 })

describe('the board\'s own alarm', () => {
  it('sounds when nobody has confirmed 5 s after the onset delay, and ends when the patient is well', () => {
    const { pass, changes } = ward()
    expect(pass(15, low)).toEqual([])
    expect(pass(1, low)).toEqual(['low:spo2'])
    pass(6, good)
    expect(pass(1, good)).toEqual([])
    expect(changes).toEqual(['low:spo2 start', 'low:spo2 end'])
  })

  it('can end although its limit is so high that no value could be further inside', () => {
    const { pass } = ward({ spo2: { low: 99 } })
    expect(pass(16, measured({ spo2: 98 }))).toEqual(['low:spo2'])
    expect(pass(7, measured({ spo2: 100 }))).toEqual([])
  })

  it('leaves it to the centre while the centre holds the condition open and a screen is heard', () => {
    const { pass, open } = ward()
    expect(pass(60, low, heard('low:spo2'))).toEqual([])
    expect(open()).toEqual(['low:spo2'])
  })

  it.each([
    ['has no armed screen', { ...heard('low:spo2'), armed: 0 }],
    ['holds another condition open', heard('high:pr')],
    ['holds nothing open', heard()],
  ])('sounds when the centre %s', (_what, confirmation) => {
    expect(ward().pass(16, low, confirmation)).toEqual(['low:spo2'])
  })

  it('sounds when the centre falls silent: its word counts for 15 s', () => {
    const { pass } = ward()
    pass(20, low, heard('low:spo2'))
    expect(pass(13, low)).toEqual([])
    expect(pass(3, low)).toEqual(['low:spo2'])
  })

  it('is never silenced from afar: whatever the centre says, what sounds goes on until it is over', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ armed: fc.integer({ min: 0, max: 9 }), conditions: fc.subarray(['low:spo2', 'high:pr', 'apnoea']), st: fc.constantFrom('active', 'acknowledged', 'latched') }), { maxLength: 30 }), (words) => {
        const { pass } = ward()
        expect(pass(16, low)).toEqual(['low:spo2'])
        for (const { armed, conditions, st } of words) {
          const confirmation = heard(...conditions)
          expect(pass(1, low, { ...confirmation, armed, a: confirmation.a.map((one) => ({ ...one, st: st as 'active' })) })).toEqual(['low:spo2'])
        }
      }),
    )
  })

  it('is quiet for two minutes when a person at the board has heard it, but not for something new', () => {
    const { pass, hush } = ward()
    pass(16, low)
    hush()
    expect(pass(119, low)).toEqual([])
    expect(pass(1, low)).toEqual(['low:spo2'])
    hush()
    pass(5, measured({ spo2: 86, pr: 150 }))
    expect(pass(6, measured({ spo2: 86, pr: 150 }))).toContain('high:pr')
  })

  it('sounds at once, whoever hears it at the centre, where the board is set to always', () => {
    const { pass } = ward({}, 'always')
    expect(pass(10, low, heard('low:spo2'))).toEqual([])
    expect(pass(1, low, heard('low:spo2'))).toEqual(['low:spo2'])
    // No value of the setting makes it quiet.
    expect([whyNotSetting('local_alarm', 'off'), whyNotSetting('local_alarm', 'unconfirmed')]).toEqual([expect.stringContaining('unconfirmed'), undefined])
  })

  it('sounds for apnoea', () => {
    const { pass } = ward()
    expect(pass(7, { ...measured({ rr: 0 }), apnoea: true })).toContain('apnoea')
  })

  it('does not sound because a probe is off', () => {
    expect(ward().pass(120, { m: {}, q: {}, x: { spo2: 'off', pr: 'off' }, sq: {} })).toEqual([])
  })

  it('watches the limits configured for this board', () => {
    expect(ward({ spo2: { low: 85 } }).pass(60, low)).toEqual([])
    expect(ward({ pr: { low: 40, high: 65 } }).pass(30, good)).toEqual(['high:pr'])
    expect(ward({ spo2: {} }).pass(60, measured({ spo2: 88 }))).toEqual([])
  })

  it('is named on the display in words', () => {
    expect(['low:spo2', 'desat:spo2', 'apnoea'].map((one) => conditionInWords(one, displayWords.en))).toEqual(['SPO2 LOW', 'SPO2 VERY LOW', 'APNOEA'])
    expect(conditionInWords('high:pr', displayWords.pl)).toBe('PR WYSOKIE')
  })
})

describe('the bedside', () => {
  function bedside() {
    const clock = manualClock()
    const sounds: boolean[] = []
    const events: string[] = []
    let press: (button: Button) => void = () => {}
    const made = createBedside({
      clock,
      hardware: { sounder: { set: (on) => sounds.push(on) }, buttons: { onPress: (heardBy) => (press = heardBy), close: () => {} } },
      identity: { device: 'board-1', site: 'main', mode: 'real', firmware: '0.1.0' },
      log: () => {},
    })
    made.attach({ measureNow: () => events.push('measure'), record: ({ ev, ph, src }) => events.push(`${ev} ${ph} ${src}`) })
    const pass = (seconds: number, second: Second): void => {
      for (let n = 0; n < seconds; n += 1) {
        clock.advance(1_000)
        made.second({ second, connected: false, timeProven: true, why: 'no network', unsent: 0, dropped: 0, sensors: 1, faults: [], config: {} })
      }
    }
    return { made, clock, sounds, events, pass, press: (button: Button) => press(button) }
  }
  const beeps = (sounds: boolean[]): number => sounds.filter((on, i) => on && !sounds[i - 1]).length

  it('sounds ten pulses for a high priority without any network, and records that it did', () => {
    const { made, pass, clock, sounds, events } = bedside()
    pass(11, low)
    expect(made.alarms).toMatchObject({ open: [{ condition: 'low:spo2', value: 86, limit: 90 }], sounding: [] })
    pass(5, low)
    expect(made.alarms.sounding).toMatchObject([{ condition: 'low:spo2' }])
    sounds.length = 0
    clock.advance(3_000)
    expect(beeps([...sounds])).toBeGreaterThanOrEqual(9)
    expect(events).toEqual(['local_alarm start low_spo2'])
    pass(8, good)
    expect([sounds.at(-1), events.at(-1), clock.pending()]).toEqual([false, 'local_alarm end low_spo2', 0])
  })

  it('calls a person with one long tone, which a button or the end of the agent ends', async () => {
    const { made, sounds, press } = bedside()
    made.call(true)
    expect([made.sounds, sounds]).toEqual(['call', [true]])
    press('measure')
    expect([made.sounds, sounds.at(-1)]).toEqual([undefined, false])
    made.call(true)
    await made.close()
    expect([made.sounds, sounds.at(-1)]).toEqual([undefined, false])
  })

  it('is hushed by a button, which is recorded too', async () => {
    const { made, pass, sounds, events, press, clock } = bedside()
    pass(16, low)
    press('menu')
    sounds.length = 0
    pass(30, low)
    expect([sounds, events.at(-1)]).toEqual([[], 'button once menu'])
    press('measure')
    expect(events.slice(-2)).toEqual(['button once measure', 'measure'])
    await made.close()
    expect(clock.pending()).toBe(0)
  })
})
