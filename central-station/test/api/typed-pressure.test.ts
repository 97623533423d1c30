import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ward } from '@vigil/contract'
import { type FastClock, fastClock } from '../support/fast-clock.ts'
import { type Furnished, furnish } from '../support/furnish.ts'
import { openScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('a blood pressure that somebody typed in', { timeout: 120_000 }, () => {
  let clock: FastClock
  let postgres: TestPostgres
  let house: TestStation
  let here: Furnished
  const shown = async () => (await house.admin.get<Ward>('/wards/east')).beds[0]?.typedPressure
  const type = (seen: object) => house.admin.post(`/stays/${here.stay.id}/observations`, seen)

  beforeAll(async () => {
    clock = fastClock()
    postgres = await startPostgres()
    house = await startStation({ databaseUrl: await postgres.database(), clock })
    ;[here] = (await furnish(house.admin, 'east', 1)) as [Furnished]
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
    clock?.stop()
  })

  it('of before the stay is not the patient’s in this bed', async () => {
    await type({ sys: 99, dia: 60, at: new Date(Date.parse(here.stay.admittedAt) - 1_000).toISOString() })
    expect(await shown()).toBeUndefined()
  })

  it('is told to every screen with its own time, both of one measurement or the systolic alone', async () => {
    const screen = await openScreen(house.admin)
    screen.watch({ wards: ['east'] })
    await screen.sees('ward')
    clock.advance(60_000)
    const at = clock.now()
    await type({ sys: 132, dia: 84 })
    await screen.sees('bed', ({ bed }) => bed.typedPressure?.sys === 132 && bed.typedPressure.dia === 84)
    expect((await shown())?.t).toBeGreaterThanOrEqual(at)
    clock.advance(60_000)
    await type({ sys: 128 })
    expect(await shown()).toEqual({ sys: 128, t: expect.any(Number) })
    // What is no blood pressure changes nothing of it.
    await type({ consciousness: 'A' })
    expect(await shown()).toMatchObject({ sys: 128 })
    screen.close()
  })
})
