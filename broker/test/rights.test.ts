import { describe, expect, it } from 'vitest'
import { type Identity, mayPublish, mayReceive, maySubscribe, type Role } from '../src/rights/rights.ts'

const channels = [
  'state', 'tele', 'backlog', 'event', 'receipt', 'config/desired', 'config/reported', 'command', 'command/reply', 'live', 'alarm',
  'wave/pleth_ir', 'wave/pleth_red', 'wave/paw', 'wave/co2',
] as const
const up = ['state', 'tele', 'backlog', 'event', 'config/reported', 'command/reply', 'wave/pleth_ir', 'wave/pleth_red', 'wave/paw', 'wave/co2']
const down = ['receipt', 'config/desired', 'command', 'alarm']

const identities: Readonly<Record<Role, Identity>> = {
  device: { role: 'device', site: 'main', device: 'board-1' },
  phone: { role: 'phone', phone: '01a1fc58-738d-7aae-a545-f78dafad7e32' },
  bridge: { role: 'bridge' },
  central: { role: 'central' },
}

/** Whose topic it is, seen from board-1 of site main. */
const owners = { own: 'main/board-1', neighbour: 'main/board-2', 'same name elsewhere': 'annex/board-1' }

const publishes: Readonly<Record<Role, readonly string[]>> = { device: up, phone: [], bridge: ['receipt', 'live'], central: ['command', 'config/desired', 'alarm'] }
const hears: Readonly<Record<Role, readonly string[]>> = { device: down, phone: [], bridge: ['tele', 'backlog', 'event', 'state', 'wave/pleth_ir', 'wave/pleth_red', 'wave/paw', 'wave/co2'], central: [...up, 'live'] }

describe('every role, topic and action: denied unless it is written down', () => {
  for (const [role, identity] of Object.entries(identities) as [Role, Identity][]) {
    for (const [whose, path] of Object.entries(owners)) {
      const reaches = role !== 'device' || whose === 'own'
      for (const channel of channels) {
        const topic = `vitals/1/${path}/${channel}`
        it(`${role}, ${whose}, ${channel}`, () => {
          expect(mayPublish(identity, topic)).toBe(reaches && publishes[role].includes(channel))
          expect(mayReceive(identity, topic)).toBe(reaches && hears[role].includes(channel))
          expect(maySubscribe(identity, topic)).toBe(reaches && hears[role].includes(channel))
        })
      }
    }
  }

  it('lets a device hear the time of its own site, and only the central station say it', () => {
    const time = 'vitals/1/main/$time'
    expect(mayReceive(identities.device, time)).toBe(true)
    expect(maySubscribe(identities.device, time)).toBe(true)
    expect(maySubscribe(identities.device, 'vitals/1/annex/$time')).toBe(false)
    expect(mayPublish(identities.central, time)).toBe(true)
    expect(mayPublish(identities.bridge, time)).toBe(false)
    expect(mayPublish(identities.device, time)).toBe(false)
  })

  it('gives our own programs one channel of all devices at a time', () => {
    for (const channel of ['tele', 'backlog', 'event', 'state', 'wave/+']) expect(maySubscribe(identities.bridge, `vitals/1/+/+/${channel}`)).toBe(true)
    for (const channel of [...up, 'live', 'wave/+']) expect(maySubscribe(identities.central, `vitals/1/+/+/${channel}`)).toBe(true)
    expect(maySubscribe(identities.central, 'vitals/1/main/+/tele')).toBe(true)
  })

  const wide = ['#', '+', '+/#', 'vitals/#', 'vitals/1/#', 'vitals/1/+/+/#', 'vitals/1/+/+/+', 'vitals/1/main/board-1/#', 'vitals/1/main/board-1/+', 'vitals/+/+/+/tele', '$SYS/#', '$SYS/+/new/clients', '$share/g/vitals/1/+/+/tele', 'vitals/1/+/board-1/receipt', '']
  it.each(wide)('refuses the filter "%s" to everyone', (filter) => {
    for (const identity of Object.values(identities)) expect(maySubscribe(identity, filter)).toBe(false)
  })

  const strange = ['$SYS/x', 'vitals/1/main/board-1', 'vitals/1/main/board-1/', 'vitals/1/main/board-1/tele/x', 'vitals/2/main/board-1/tele', '/vitals/1/main/board-1/tele', 'vitals/1/main/board-1/wave/ecg', 'vitals/1/main/board-1/wave', 'vitals/1/main/board-1/Tele', 'vitals/1//board-1/tele', '']
  it.each(strange)('refuses to publish on "%s" to everyone', (topic) => {
    for (const identity of Object.values(identities)) expect(mayPublish(identity, topic)).toBe(false)
  })

  it('gives a phone one topic to speak on and one to hear, and the other ends to the central station alone', () => {
    const [own, other] = ['vitals/1/health/01a1fc58-738d-7aae-a545-f78dafad7e32', 'vitals/1/health/01a1fc58-738d-7aae-a545-f78dafad7e33']
    for (const [role, says, answers] of [['phone', true, false], ['central', false, true], ['bridge', false, false], ['device', false, false]] as const) {
      const identity = identities[role]
      expect([mayPublish(identity, own), mayPublish(identity, `${own}/answer`)]).toEqual([says, answers])
      expect([mayReceive(identity, own), mayReceive(identity, `${own}/answer`)]).toEqual([role === 'central', role === 'phone'])
      expect([maySubscribe(identity, 'vitals/1/health/+'), maySubscribe(identity, `${own}/answer`)]).toEqual([role === 'central', role === 'phone'])
    }
    expect([mayPublish(identities.phone, other), mayReceive(identities.phone, `${other}/answer`), maySubscribe(identities.phone, 'vitals/1/health/+/answer')]).toEqual([false, false, false])
  })

  it('never lets a device use a wildcard, not even for its own topics', () => {
    for (const channel of down) expect(maySubscribe(identities.device, `vitals/1/+/board-1/${channel}`)).toBe(false)
  })
})
