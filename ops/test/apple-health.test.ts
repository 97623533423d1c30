import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '@vigil/program'
import { importAppleHealth, openExport } from '../src/apple-health/import-file.ts'
import { withClient } from '../src/postgres/database.ts'
import { startTestPostgres, type TestPostgres } from '../src/testing/test-postgres.ts'

const CLI = fileURLToPath(new URL('../src/cli/import-apple-health.ts', import.meta.url))
const EXPORT = fileURLToPath(new URL('../../contract/test/health/data/authored/export.xml', import.meta.url))
const patient = randomUUID()

let postgres: TestPostgres
let databaseUrl: string
let folder: string
beforeAll(async () => {
  postgres = await startTestPostgres()
  databaseUrl = await postgres.createDatabase()
  await withClient(databaseUrl, (client) => client.query(`insert into patient (id, family_name) values ($1, 'Export')`, [patient]))
  folder = mkdtempSync(join(tmpdir(), 'vigil-apple-'))
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** As a person runs it. */
function run(file: string) {
  return spawnSync(process.execPath, [CLI, file, '--patient', patient], { env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl }, encoding: 'utf8' })
}

/** The same without the start of a program. */
async function read(content: string | Buffer, patientId: string = patient) {
  return importAppleHealth({ databaseUrl, patientId, input: Readable.from([Buffer.from(content)]), clock: systemClock, onProgress: () => undefined })
}

const query = <R extends object>(text: string) => withClient(databaseUrl, async (client) => (await client.query<R>(text)).rows)

describe('npm run import:apple-health', () => {
  it('puts an export into the tables of the phone, and the same again changes nothing', { timeout: 60_000 }, async () => {
    const first = run(EXPORT)
    expect(first).toMatchObject({ status: 0 })
    expect(JSON.parse(first.stdout)).toMatchObject({ stored: 6, changed: 0, refused: 0 })
    expect(await query('select m.name, v.value from health_value v join health_name m on m.no = v.metric_no order by 1')).toMatchObject([
      { name: 'blood_oxygen_saturation', value: 97 }, { name: 'blood_pressure' }, { name: 'heart_rate', value: 88 }, { name: 'sleep_core', value: 0.5 }, { name: 'step_count', value: 612 },
    ])
    expect(await read(readFileSync(EXPORT))).toMatchObject({ stored: 0, changed: 0, unchanged: 6 })
  })

  it('tells a file that is not there in one sentence', { timeout: 60_000 }, () => {
    expect(run(join(folder, 'nowhere.xml'))).toMatchObject({ status: 1, stdout: '', stderr: `NOT_FOUND: There is no file ${join(folder, 'nowhere.xml')} that can be read.\n` })
  })

  it('tells a folder, a patient nobody knows, the zip of the phone and a file of something else as what they are', async () => {
    await expect(openExport(folder)).rejects.toThrow('is a folder')
    await expect(read('', 'nobody')).rejects.toThrow('There is no patient nobody.')
    await expect(read(Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 8, 0, 0xff, 0xfe]))).rejects.toThrow('unzip -p')
    await expect(read('{"data":{}}')).rejects.toThrow('no export of Apple Health')
  })

  it('a file that was cut off keeps what came before, and the list of imports says why', async () => {
    const whole = readFileSync(EXPORT, 'utf8')
    await expect(read(whole.slice(0, whole.lastIndexOf('</HealthData>')))).rejects.toThrow('ends in the middle')
    const [last] = await query<{ report: unknown }>('select report from health_import order by no desc limit 1')
    expect(last?.report).toMatchObject({ unchanged: 6, brokeOff: { code: 'INVALID_MESSAGE', why: expect.stringContaining('ends in the middle') } })
  })
})
