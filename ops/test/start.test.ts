import { createServer } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { knownSettings, parseSettings } from '@vigil/contract'
import { newPassword } from '../src/start/admin-password.ts'
import { assertUsable, foreignEntry } from '../src/start/data-dir.ts'
import { lockDataDir, readHolder } from '../src/start/instance-lock.ts'
import { assertPortsFree, wantedPorts } from '../src/start/ports.ts'
import { programNames, programSpec } from '../src/start/programs.ts'
import { readyLine } from '../src/start/ready-line.ts'
import { startSettings, type StartSettings } from '../src/start/settings.ts'
import { digestOf } from '../src/start/web-build.ts'
import { freePort } from '../src/testing/test-postgres.ts'
import { emptyFolder } from './support/folders.ts'

const settingsWith = (env: Record<string, string> = {}): StartSettings => parseSettings(startSettings, { argv: [], env }, knownSettings).values

describe('the ports of the ward', () => {
  const listening = async () => {
    const server = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return port
  }

  it('are those of the fixed interfaces, each with its setting', () => {
    expect(wantedPorts(settingsWith()).map(({ setting, port }) => [setting, port])).toEqual([
      ['VIGIL_HTTP_PORT', 8080],
      ['VIGIL_MQTT_PORT', 1883],
      ['VIGIL_MQTTS_PORT', 8883],
      ['VIGIL_MQTT_WS_PORT', 9001],
      ['VIGIL_BROKER_HEALTH_PORT', 9101],
      ['VIGIL_PG_PORT', 5433],
      ['VIGIL_BRIDGE_HEALTH_PORT', 9102],
      ['VIGIL_MLLP_PORT', 2575],
    ])
  })

  it('are fewer when database and broker are elsewhere', () => {
    const settings = settingsWith({ DATABASE_URL: 'postgres://u:p@db/x', MQTT_URL: 'mqtt://broker' })
    expect(wantedPorts(settings).map(({ setting }) => setting)).toEqual(['VIGIL_HTTP_PORT', 'VIGIL_BRIDGE_HEALTH_PORT', 'VIGIL_MLLP_PORT'])
  })

  it('are named with their setting when one is taken', async () => {
    const [free, taken] = [await freePort(), await listening()]
    const ports = [{ setting: 'VIGIL_HTTP_PORT', port: free, bind: '127.0.0.1' }, { setting: 'VIGIL_MQTT_PORT', port: taken, bind: '127.0.0.1' }]
    await expect(assertPortsFree(ports)).rejects.toMatchObject({ code: 'PORT_TAKEN', message: `Port ${taken} is in use by another program. Stop it, or choose another port with VIGIL_MQTT_PORT.` })
    await assertPortsFree(ports.slice(0, 1))
  })

  it('are named together when several are taken', async () => {
    const [a, b] = [await listening(), await listening()]
    const ports = [{ setting: 'VIGIL_HTTP_PORT', port: a, bind: '127.0.0.1' }, { setting: 'VIGIL_MQTT_PORT', port: b, bind: '127.0.0.1' }]
    await expect(assertPortsFree(ports)).rejects.toThrow(`Ports ${a} (VIGIL_HTTP_PORT), ${b} (VIGIL_MQTT_PORT) are in use`)
  })

  it('must differ from each other', async () => {
    await expect(assertPortsFree(wantedPorts(settingsWith({ VIGIL_HTTP_PORT: '1883' })))).rejects.toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining('VIGIL_HTTP_PORT and VIGIL_MQTT_PORT are both 1883') })
  })
})

describe('what a program is told', () => {
  const context = (env: Record<string, string> = {}) => ({ root: '/house', dataDir: '/data', settings: settingsWith(env), env: { PATH: '/bin', ...env } })

  it('is where to find data and broker, whatever directory it runs in', () => {
    const { env, entry } = programSpec('bridge', context({ VIGIL_MQTT_PORT: '21883', VIGIL_DATA: './elsewhere' }))
    expect(env).toMatchObject({ PATH: '/bin', VIGIL_DATA: '/data', VIGIL_MQTT_URL: 'mqtt://127.0.0.1:21883', VIGIL_BRIDGE_HEALTH_PORT: '9102' })
    expect(entry).toBe(join('/house', 'ingest-bridge/src/cli/main.ts'))
  })

  it('is the database and the first password only where it is needed', () => {
    const secrets = { DATABASE_URL: 'postgres://u:p@db/x', VIGIL_ADMIN_PASSWORD: 'first password' }
    for (const name of programNames) {
      const { env } = programSpec(name, context(secrets))
      expect([env['DATABASE_URL'], env['VIGIL_ADMIN_PASSWORD']]).toEqual([undefined, undefined])
    }
    expect(programSpec('broker', context(), { DATABASE_URL: 'postgres://x' }).env['DATABASE_URL']).toBe('postgres://x')
  })

  it('leaves every program its least time within the ten seconds of a stop', () => {
    const least = (name: (typeof programNames)[number]) => programSpec(name, context()).stopLimitMs
    const inOrder = least('demo-ward') + Math.max(least('bridge'), least('central-station')) + least('broker') + least('postgres')
    expect(inOrder).toBeLessThan(9_200)
  })

  it('knows every setting of the start, so that no program refuses one', () => {
    for (const { env } of Object.values(startSettings)) if (env.startsWith('VIGIL_')) expect(knownSettings.has(env), env).toBe(true)
  })
})

describe('the ready line', () => {
  it('says where everything is, and no secret', () => {
    const line = readyLine(settingsWith({ VIGIL_ADMIN_PASSWORD: 'hidden-word' }), '/data')
    expect(line).toMatchObject({ ready: true, http: 'http://127.0.0.1:8080', mqtt: 'mqtt://127.0.0.1:1883', user: 'admin', data: '/data' })
    expect(JSON.stringify(line)).not.toContain('hidden-word')
  })

  it('names an address a person can open when it listens on every address', () => {
    const line = readyLine(settingsWith({ VIGIL_BIND: '0.0.0.0', VIGIL_TLS_CERT: 'c', VIGIL_TLS_KEY: 'k' }), '/data')
    expect(line).toMatchObject({ http: 'https://127.0.0.1:8080', mqttWs: 'wss://127.0.0.1:9001' })
  })
})

describe('a data directory', () => {
  it('belongs to one Vigil at a time, and is free again afterwards', () => {
    const dir = emptyFolder()
    const lock = lockDataDir(dir)
    expect(readHolder(dir)?.pid).toBe(process.pid)
    expect(() => lockDataDir(dir)).toThrow(`Vigil already runs with the data directory ${dir} (process ${process.pid})`)
    lock.release()
    expect(readHolder(dir)).toBeUndefined()
    lockDataDir(dir).release()
  })

  it('is not held by the note of a process that is gone', () => {
    const dir = emptyFolder()
    mkdirSync(join(dir, 'run'))
    writeFileSync(join(dir, 'run', 'start.json'), JSON.stringify({ pid: process.pid, began: 'another time' }))
    expect(readHolder(dir)).toBeUndefined()
    lockDataDir(dir).release()
  })

  it('that cannot be written is named in one sentence', () => {
    const file = join(emptyFolder(), 'a-file')
    writeFileSync(file, '')
    expect(() => assertUsable(join(file, 'data'))).toThrow(/cannot be written: ENOTDIR.*VIGIL_DATA/)
  })

  it('that holds files of another user is named with the way to give them back', () => {
    const dir = emptyFolder()
    mkdirSync(join(dir, 'secrets'))
    writeFileSync(join(dir, 'secrets', 'pepper'), '')
    expect(foreignEntry(dir, () => true)).toBeUndefined()
    expect(foreignEntry(dir, (path) => !path.endsWith('pepper'))).toBe(join(dir, 'secrets', 'pepper'))
  })
})

describe('the first password', () => {
  it('can be read aloud and typed: four groups without letters that look alike', () => {
    const passwords = Array.from({ length: 50 }, newPassword)
    for (const password of passwords) expect(password).toMatch(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}$/)
    expect(new Set(passwords).size).toBe(50)
  })
})

describe('the web app', () => {
  it('is built again when a source changed, and only then', () => {
    const root = emptyFolder()
    mkdirSync(join(root, 'web-client/src'), { recursive: true })
    writeFileSync(join(root, 'web-client/src/main.ts'), 'one')
    const before = digestOf(root)
    writeFileSync(join(root, 'web-client/src/main.ts'), readFileSync(join(root, 'web-client/src/main.ts')))
    expect(digestOf(root)).toBe(before)
    writeFileSync(join(root, 'web-client/src/main.ts'), 'two')
    expect(digestOf(root)).not.toBe(before)
  })
})
