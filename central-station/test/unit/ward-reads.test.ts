import { expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import type { Actor, Audit } from '../../src/audit/audit.ts'
import { LOOK_EVERY_MS } from '../../src/audit/once-an-hour.ts'
import { createWardReads } from '../../src/audit/ward-reads.ts'

const actor: Actor = { accountId: 'a', username: 'li', role: 'nurse', origin: '', requestId: '' }

function looks() {
  const written: [string, object][] = []
  const audit: Pick<Audit, 'record'> = { record: async (_actor, action, subject) => void written.push([action, subject]) }
  const clock = manualClock()
  let stay = { stayId: 's1', patientId: 'p1' }
  const reads = createWardReads({ audit, clock, stayOf: () => stay })
  return { written, clock, reads, move: (stayId: string, patientId: string) => { stay = { stayId, patientId } } }
}

it('a look at a ward is written once an hour and session', async () => {
  const { written, clock, reads } = looks()
  for (const session of ['one', 'one', 'two']) await reads.look(actor, { session, wards: ['east', 'west'] })
  expect(written.map(([, subject]) => subject)).toEqual([{ wardId: 'east' }, { wardId: 'west' }, { wardId: 'east' }, { wardId: 'west' }])
  clock.advance(LOOK_EVERY_MS - 1)
  await reads.look(actor, { session: 'one', wards: ['east'] })
  expect(written).toHaveLength(4)
  clock.advance(1)
  await reads.look(actor, { session: 'one', wards: ['east'] })
  expect(written).toHaveLength(5)
})

it('a look at a device names its patient, and another patient on it is another look', async () => {
  const { written, reads, move } = looks()
  await reads.look(actor, { session: 'one', devices: ['d', 'd'] })
  move('s2', 'p2')
  await reads.look(actor, { session: 'one', devices: ['d'] })
  expect(written).toEqual([['device.watch', { deviceId: 'd', stayId: 's1', patientId: 'p1' }], ['device.watch', { deviceId: 'd', stayId: 's2', patientId: 'p2' }]])
})
