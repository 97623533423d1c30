import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Ward as WardFrame } from '@vigil/contract'
import { furnishWard } from '../support/beds.ts'
import { freePort } from '@vigil/ops/testing'
import { freePortSettings } from '../support/ports.ts'
import { descendants, runs } from '../support/processes.ts'
import { spawnStart, startWard, type Ward } from '../support/ward.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const emptyFolder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'vigil-start-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

describe('npm start', () => {
  let ward: Ward
  beforeAll(async () => {
    ward = await startWard()
  })
  afterAll(() => ward?.end())

  it('stops everything by itself before its last resort, and the next start has all data', async () => {
    const api = await ward.admin()
    await furnishWard(api, 'kept', 1)
    const family = descendants(ward.child.pid as number).map((p) => p.pid)
    expect(family.length).toBeGreaterThanOrEqual(4)

    // Its own watch ends it with 1 before ten seconds are over: 0 says that nothing had to be cut off.
    expect(await ward.stop()).toBe(0)
    expect(family.filter(runs)).toEqual([])

    ward = await startWard({}, ward)
    const { wards } = await (await ward.admin()).get<{ wards: WardFrame[] }>('/wards')
    expect(wards.find((w) => w.id === 'kept')?.beds[0]?.stay?.patient.familyName).toBe('Testperson')
  })

  it('refuses a second start on the same data in one line', async () => {
    const second = spawnStart({ ...ward.settings, ...(await freePortSettings()) })
    expect(await second.ended).toBe(1)
    expect(second.output().err.trim().split('\n').at(-1)).toMatch(/already|in use|running/i)
    expect((await fetch(`${ward.ready.http}/health/live`)).status).toBe(200)
  })

  it.each(['VIGIL_MQTT_PORT', 'VIGIL_HTTP_PORT', 'VIGIL_PG_PORT', 'VIGIL_MQTT_WS_PORT'])('names a taken port and %s in one line, and leaves nothing running', async (setting) => {
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => {
      taken.listen(port, '127.0.0.1', resolve)
    })
    onTestFinished(() => void taken.close())
    const started = spawnStart({ ...(await freePortSettings()), VIGIL_DATA: emptyFolder(), VIGIL_DEMO_BEDS: '0', [setting]: String(port) })
    expect(await started.ended).toBe(1)
    const { out, err } = started.output()
    const naming = err.split('\n').filter((line) => line.includes(String(port)))
    expect(naming).toHaveLength(1)
    expect(naming[0]).toContain(setting)
    expect(out).not.toContain('"ready"')
    expect(descendants(started.child.pid as number)).toEqual([])
  })

  it('refuses to be reached from outside without TLS', async () => {
    const started = spawnStart({ ...(await freePortSettings()), VIGIL_DATA: emptyFolder(), VIGIL_DEMO_BEDS: '0', VIGIL_BIND: '0.0.0.0' })
    expect(await started.ended).toBe(1)
    expect(started.output().err).toMatch(/without TLS/)
  })

  it('refuses a misspelt setting instead of ignoring it', async () => {
    const started = spawnStart({ ...(await freePortSettings()), VIGIL_DATA: emptyFolder(), VIGIL_HTP_PORT: '1' })
    expect(await started.ended).toBe(2)
    expect(started.output().err).toContain('VIGIL_HTP_PORT')
  })
})
