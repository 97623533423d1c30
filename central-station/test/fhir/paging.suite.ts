import { describe, expect, it } from 'vitest'
import { closeSamples, storeSamples } from '../support/records.ts'
import { fhir, nextOf, resourcesOf, sampleAt, START_MS, ward } from './ward.ts'

/** Two hours, one of them closed, and a quarter of an hour more at a time while somebody turns pages. */
describe('10,000 Observations are paged while data arrives', () => {
  const more = (from: number, count: number) => storeSamples(ward.station.databaseUrl, 'board_1', Array.from({ length: count }, (_, i) => sampleAt(from + i)))
  const walk = async (path: string, whenTurning: (page: number) => Promise<void>) => {
    const told: string[] = []
    const times: string[] = []
    let next: string | undefined = path
    for (let page = 0; next !== undefined; page++) {
      const { status, body } = await fhir(ward, next)
      expect(status).toBe(200)
      for (const one of resourcesOf(body)) {
        told.push(one.id)
        times.push(one.effectiveDateTime)
      }
      next = nextOf(body)
      await whenTurning(page)
    }
    return { told, times }
  }
  /** How many Observations the first seconds make: one per value or absence, the pressures of one measurement together. */
  const saidIn = (seconds: number) => {
    const all = Array.from({ length: seconds }, (_, i) => sampleAt(i))
    return all.reduce((sum, { values, remarks }) => sum + Object.keys(values).filter((name) => name !== 'dia' && name !== 'map').length + Object.keys(remarks?.x ?? {}).length, 0)
  }

  it('newest first: everything that was there, once, and nothing that came later', async () => {
    await more(1_200, 1_400)
    const { told, times } = await walk(`/Observation?patient=${ward.ada.patient.id}&device=board.1&_count=1000&_elements=effectiveDateTime`, async (page) => {
      // Data goes on arriving, and an hour is closed under the reader's feet.
      if (page === 3) await more(2_600, 60)
      if (page === 5) await closeSamples(ward.station.databaseUrl, 'board_1', START_MS + 2_000_000)
    })
    expect(told.length).toBe(saidIn(2_600))
    expect(told.length).toBeGreaterThan(10_000)
    expect(new Set(told).size).toBe(told.length)
    expect(times).toEqual(times.toSorted((a, b) => (a > b ? -1 : 1)))
  })

  it('oldest first: everything, also what arrived meanwhile', async () => {
    const { told } = await walk(`/Observation?patient=${ward.ada.patient.id}&device=board.1&_sort=date&_count=1000&_elements=effectiveDateTime`, async (page) => {
      if (page === 5) await more(2_660, 60)
    })
    expect(told.length).toBe(saidIn(2_720))
    expect(new Set(told).size).toBe(told.length)
  })

  it('a client that sets another page size in the link goes on where it was', async () => {
    const first = (await fhir(ward, `/Observation?patient=${ward.ada.patient.id}&code=9279-1&_count=2`)).body
    const second = (await fhir(ward, `${nextOf(first) ?? ''}&_count=3`)).body
    const whole = (await fhir(ward, `/Observation?patient=${ward.ada.patient.id}&code=9279-1&_count=5`)).body
    expect([...resourcesOf(first), ...resourcesOf(second)].map(({ id }) => id)).toEqual(resourcesOf(whole).map(({ id }) => id))
  })
})
