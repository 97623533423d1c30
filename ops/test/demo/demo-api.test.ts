import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { openRecordings } from '@vigil/edge-agent'
import { planBeds } from '../../src/demo/bed-plan.ts'
import { ensureAdmissions, ensureDevices, ensureStays, ensureWard } from '../../src/demo/demo-api.ts'
import { openDemoFiles } from '../../src/demo/demo-files.ts'
import { signInToStation } from '../../src/station-api/station-client.ts'
import { startModelStation, type ModelStation } from '../support/model-station.ts'

const library = openRecordings()

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-demo-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function seed(station: ModelStation, beds: number, folder: string): Promise<void> {
  const api = await signInToStation({ url: station.url, username: 'demo-ward', password: station.password, clock: systemClock, patienceMs: 5_000 })
  const plans = planBeds(beds, library)
  const known = await ensureDevices(api, plans, openDemoFiles(folder))
  await ensureStays(api, plans, known, await ensureWard(api, plans), Date.UTC(2026, 0, 1))
}

describe('seeding the demo ward', () => {
  it('makes a ward, boards, patients and stays, all marked as demo and linked bed by bed', async () => {
    const station = await startModelStation()
    await seed(station, 4, dataFolder())
    const [ward] = [...station.wards.values()]
    expect(ward).toMatchObject({ id: 'demo', mode: 'demo' })
    expect(ward?.beds.map(({ id, device, stay }) => [id, device?.id, stay?.patient.mode, stay?.admittedAt])).toEqual(
      ['01', '02', '03', '04'].map((n) => [`demo-bed-${n}`, `demo-${n}`, 'demo', '2026-01-01T00:00:00.000Z']),
    )
    expect([...station.devices.values()].every(({ mode }) => mode === 'demo')).toBe(true)
    expect([...station.patients.values()].every(({ mode, identifier }) => mode === 'demo' && identifier?.startsWith('DEMO-'))).toBe(true)
  })

  it('has two empty beds to admit somebody to, made once and never emptied by a start', async () => {
    const station = await startModelStation()
    const api = await signInToStation({ url: station.url, username: 'demo-ward', password: station.password, clock: systemClock, patienceMs: 5_000 })
    await seed(station, 2, dataFolder())
    await ensureAdmissions(api)
    await ensureAdmissions(api)
    const wards = [...station.wards.values()].map(({ id, mode, beds }) => [id, mode, beds.length])
    expect(wards).toEqual([['demo', 'demo', 2], ['admissions-demo', 'demo', 2]])
    await seed(station, 2, dataFolder())
    expect([...station.wards.values()].length).toBe(2)
  })

  it('changes nothing the second time', async () => {
    const station = await startModelStation()
    const folder = dataFolder()
    await seed(station, 3, folder)
    station.calls.length = 0
    await seed(station, 3, folder)
    expect(station.calls.filter((call) => !call.startsWith('GET'))).toEqual([])
  })

  it('keeps the secrets where only the ward’s own user can read them', async () => {
    const station = await startModelStation()
    const folder = dataFolder()
    await seed(station, 2, folder)
    const path = join(folder, 'demo', 'devices.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      'demo-01': { device: 'demo-01', site: 'main', secret: station.devices.get('demo-01')?.secret },
      'demo-02': { device: 'demo-02', site: 'main', secret: station.devices.get('demo-02')?.secret },
    })
  })

  it('takes a new board for a bed whose secret was lost, and links that one', async () => {
    const station = await startModelStation()
    await seed(station, 2, dataFolder())
    await seed(station, 2, dataFolder())
    expect([...station.devices.keys()]).toEqual(['demo-01', 'demo-02', 'demo-01-2', 'demo-02-2'])
    expect([...station.wards.values()][0]?.beds.map(({ device }) => device?.id)).toEqual(['demo-01-2', 'demo-02-2'])
  })

  it('registers anew when the database is a new one', async () => {
    const folder = dataFolder()
    await seed(await startModelStation(), 2, folder)
    const station = await startModelStation()
    await seed(station, 2, folder)
    expect(openDemoFiles(folder).beds()['demo-01']?.secret).toBe(station.devices.get('demo-01')?.secret)
    expect([...station.wards.values()][0]?.beds.every(({ stay }) => stay)).toBe(true)
  })

  it('grows by a further ward and empties the beds that are no longer wanted', async () => {
    const station = await startModelStation()
    const folder = dataFolder()
    await seed(station, 2, folder)
    await seed(station, 3, folder)
    expect([...station.wards.values()].map(({ id, beds }) => [id, beds.map((bed) => bed.id)])).toEqual([['demo', ['demo-bed-01', 'demo-bed-02']], ['demo-2', ['demo-bed-03']]])
    await seed(station, 1, folder)
    expect([...station.wards.values()].flatMap(({ beds }) => beds).map(({ stay }) => stay !== undefined)).toEqual([true, false, false])
  })

  it('finds a patient again who was made before and has no bed', async () => {
    const station = await startModelStation()
    const folder = dataFolder()
    await seed(station, 2, folder)
    await seed(station, 1, folder)
    await seed(station, 2, folder)
    expect(station.patients.size).toBe(2)
    expect([...station.wards.values()][0]?.beds[1]?.stay?.patient.id).toBe([...station.patients.keys()][1])
  })

  it('waits for a central station that is still starting, and not for a wrong password', async () => {
    const station = await startModelStation()
    station.busyFor = 2
    await seed(station, 1, dataFolder())
    expect(station.devices.size).toBe(1)
    const wrong = signInToStation({ url: station.url, username: 'demo-ward', password: 'wrong', clock: systemClock })
    await expect(wrong).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })

  it('says that nobody answers when nobody does', async () => {
    const nobody = signInToStation({ url: 'http://127.0.0.1:9', username: 'x', password: 'y', clock: systemClock, patienceMs: 300 })
    await expect(nobody).rejects.toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('does not answer') })
  })
})
