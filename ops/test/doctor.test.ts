import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { knownSettings, parseSettings } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { systemClock } from '@vigil/program'
import { examine } from '../src/doctor/examine.ts'
import { isHealthy, note, ok, problem, toText } from '../src/doctor/finding.ts'
import { checkClock, checkDataDir, checkDisk, checkNode } from '../src/doctor/machine-checks.ts'
import { checkBroker, checkDatabase, checkHealth, checkPorts, checkPrograms } from '../src/doctor/ward-checks.ts'
import { houseRoot } from '../src/migrations/migration-folder.ts'
import { withClient } from '../src/postgres/database.ts'
import { startSettings } from '../src/start/settings.ts'
import { freePort, startTestPostgres, type TestPostgres } from '../src/testing/test-postgres.ts'
import { emptyFolder } from './support/folders.ts'

describe('the doctor on the machine', () => {
  it('accepts a Node that runs TypeScript, and names the one that does not', () => {
    expect(['22.18.0', '24.21.0', '26.0.0'].map((version) => checkNode(version).state)).toEqual(['ok', 'ok', 'ok'])
    expect(checkNode('20.20.2')).toMatchObject({ state: 'problem', found: expect.stringContaining('20.20.2') })
  })

  it.each([
    [0.9, 0.5, 'problem'],
    [100, 0.04, 'problem'],
    [100, 0.1, 'note'],
    [100, 0.5, 'ok'],
  ])('judges %d GiB free, share %d, as %s', (gib, share, state) => {
    const bavail = gib * 1024 ** 3
    expect(checkDisk('/', () => ({ bavail, blocks: bavail / share, bsize: 1 })).state).toBe(state)
  })

  it('finds a clock that stands before this release', () => {
    expect(checkClock(manualClock(Date.UTC(1970, 0, 1))).state).toBe('problem')
    expect(checkClock(systemClock).state).not.toBe('problem')
  })

  it('finds secrets others can read, and says how to close them', () => {
    const dir = emptyFolder()
    mkdirSync(join(dir, 'secrets'))
    const file = join(dir, 'secrets', 'pepper')
    writeFileSync(file, 'x', { mode: 0o600 })
    expect(checkDataDir(dir).state).toBe('ok')
    chmodSync(file, 0o644)
    expect(checkDataDir(dir)).toMatchObject({ state: 'problem', found: expect.stringContaining(file), next: expect.stringContaining(`chmod 600 ${file}`) })
    expect(checkDataDir(join(dir, 'none')).state).toBe('note')
  })
})

describe('the doctor on the ward', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startTestPostgres()
  })
  afterAll(() => postgres?.stop())

  it('finds the database as the migrations make it', async () => {
    expect((await checkDatabase(await postgres.createDatabase())).map(({ state }) => state)).toEqual(['ok', 'ok'])
  })

  it('finds what somebody changed by hand', async () => {
    const url = await postgres.createDatabase()
    await withClient(url, (client) => client.query('drop index audit_by_time'))
    expect((await checkDatabase(url))[1]).toMatchObject({ what: 'Schema', state: 'problem', found: expect.stringContaining('audit_by_time') })
  })

  it('says in one sentence that the database does not answer, without its password', async () => {
    const [finding] = await checkDatabase(`postgres://vigil:hidden-word@127.0.0.1:${await freePort()}/vigil`)
    expect(finding?.state).toBe('problem')
    expect(JSON.stringify(finding)).not.toContain('hidden-word')
  })

  it('finds a port somebody else holds, and a port nobody serves', async () => {
    const ports = [{ setting: 'VIGIL_HTTP_PORT', port: postgres.port, bind: '127.0.0.1' }, { setting: 'VIGIL_MQTT_PORT', port: await freePort(), bind: '127.0.0.1' }]
    expect(await checkPorts(ports, false)).toMatchObject({ state: 'problem', found: expect.stringContaining(`${postgres.port} (VIGIL_HTTP_PORT)`) })
    expect(await checkPorts(ports, true)).toMatchObject({ state: 'problem', found: expect.stringContaining('VIGIL_MQTT_PORT') })
    expect((await checkPorts(ports.slice(1), false)).state).toBe('ok')
  })

  it('tells of a program that keeps ending, with its reason and its log', () => {
    const [good, braked] = checkPrograms([{ name: 'broker', state: 'ready', restarts: 0 }, { name: 'bridge', state: 'braked', restarts: 6, why: 'no room' }], '/data')
    expect(good?.state).toBe('ok')
    expect(braked).toMatchObject({ state: 'problem', found: 'braked, started again 6 times, last because: no room', next: 'Its log is /data/logs/bridge.log' })
  })

  it('names the fact a program is not ready for', async () => {
    const server = createServer((_, response) => response.writeHead(503).end(JSON.stringify({ ok: false, facts: [{ name: 'registry', ok: true }, { name: 'database', ok: false, detail: 'away' }] })))
    const port = await freePort()
    await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    expect(await checkHealth('Bridge health', `http://127.0.0.1:${port}`)).toMatchObject({ state: 'problem', found: 'not ready (database: away)' })
    expect(await checkHealth('Bridge health', `http://127.0.0.1:${await freePort()}`)).toMatchObject({ state: 'problem' })
  })

  it('finds a broker that is not there', async () => {
    expect(await checkBroker({ url: `mqtt://127.0.0.1:${await freePort()}`, username: 'central', password: 'x' })).toMatchObject({ state: 'problem' })
  })
})

describe('the doctor’s answer', () => {
  it('puts what to do below what was found, and fails only for a problem', () => {
    const findings = [ok('Node', '24'), note('Disk', 'small', 'Make room.'), problem('Ports', 'taken', 'Stop it.')]
    expect(toText(findings)).toBe('ok       Node: 24\nnote     Disk: small\n         → Make room.\nPROBLEM  Ports: taken\n         → Stop it.\n\n1 problem found.\n')
    expect([isHealthy(findings), isHealthy(findings.slice(0, 2))]).toEqual([false, true])
  })

  it('is given before anything was ever started, and leaves nothing behind', async () => {
    const dataDir = join(emptyFolder(), 'data')
    const settings = parseSettings(startSettings, { argv: [], env: {} }, knownSettings).values
    const findings = await examine({ root: houseRoot, dataDir, settings, clock: systemClock, path: process.env['PATH'] ?? '' })
    expect(findings.find(({ what }) => what === 'Vigil')?.state).toBe('note')
    expect(checkDataDir(dataDir).found).toContain('not there yet')
  })
})
