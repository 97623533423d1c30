import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import mqtt from 'mqtt'
import { AppError, isAppError } from '@vigil/contract'
import { readMigrations } from '../migrations/migration-files.ts'
import { migrationFolder, snapshotFile } from '../migrations/migration-folder.ts'
import { openMigrations, readApplied } from '../migrations/migrate.ts'
import { describeSchema, schemaDifference } from '../migrations/schema-snapshot.ts'
import { assertUsable, withClient } from '../postgres/database.ts'
import { tryListen, type WantedPort } from '../start/ports.ts'
import type { ProgramStatus } from '../supervisor/supervised-program.ts'
import { note, ok, problem, type Finding } from './finding.ts'

const ANSWER_LIMIT_MS = 5_000

export async function checkPorts(ports: readonly WantedPort[], running: boolean): Promise<Finding> {
  const states = await Promise.all(ports.map(async (wanted) => ({ wanted, taken: (await tryListen(wanted)) === 'EADDRINUSE' })))
  const name = ({ wanted }: (typeof states)[number]) => `${wanted.port} (${wanted.setting})`
  const odd = states.filter(({ taken }) => taken !== running).map(name)
  if (odd.length === 0) return ok('Ports', running ? 'all are served' : 'all are free')
  if (running) return problem('Ports', `nothing listens on ${odd.join(', ')}`, 'See the programs below.')
  return problem('Ports', `in use by another program: ${odd.join(', ')}`, 'Stop that program, or choose another port with the setting in brackets.')
}

export function checkPrograms(statuses: readonly ProgramStatus[], dataDir: string): readonly Finding[] {
  return statuses.map(({ name, state, restarts, why }) => {
    const history = restarts === 0 ? '' : `, started again ${restarts} ${restarts === 1 ? 'time' : 'times'}, last because: ${why ?? 'unknown'}`
    if (state === 'ready') return restarts === 0 ? ok(name, 'runs') : note(name, `runs${history}`)
    if (state === 'starting') return note(name, `is starting${history}`)
    return problem(name, `${state}${history}`, `Its log is ${dataDir}/logs/${name}.log`)
  })
}

/** Connection, version, open migrations, and whether the schema still is what the migrations make. */
export async function checkDatabase(url: string): Promise<readonly Finding[]> {
  const what = 'PostgreSQL'
  try {
    const { version } = await assertUsable(url)
    const open = await withClient(url, async (client) => openMigrations(readMigrations(migrationFolder), await readApplied(client)))
    if (open.length > 0) return [ok(what, `version ${version}`), note('Schema', `not applied yet: ${open.map(({ name }) => name).join(', ')}`, 'Run "npm run migrate"; npm start does it by itself.')]
    return [ok(what, `version ${version}`), await checkSchema(url)]
  } catch (error) {
    const found = isAppError(error) ? error.message : `does not answer: ${(error as Error).message}`
    return [problem(what, found, 'Look at its log, and at DATABASE_URL if it is your own.')]
  }
}

async function checkSchema(url: string): Promise<Finding> {
  const { missing, unexpected } = schemaDifference(readFileSync(snapshotFile, 'utf8'), await describeSchema(url))
  if (missing.length + unexpected.length === 0) return ok('Schema', 'as the migrations make it')
  const lines = [...missing.map((line) => `missing "${line.trim()}"`), ...unexpected.map((line) => `unexpected "${line.trim()}"`)]
  return problem('Schema', `differs from the migrations: ${lines.slice(0, 5).join('; ')}${lines.length > 5 ? ` and ${lines.length - 5} more` : ''}`, 'Somebody changed it by hand. Put it back, or make the change a migration.')
}

export interface BrokerAccess {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly ca?: string | undefined
}

/** Signs in as one of the ward's own programs would, and says nothing. */
export function checkBroker({ url, username, password, ca }: BrokerAccess): Promise<Finding> {
  const what = 'Broker sign-in'
  const client = mqtt.connect(url, {
    clientId: `doctor-${process.pid}`, reconnectPeriod: 0, connectTimeout: ANSWER_LIMIT_MS, queueQoSZero: false,
    ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }), ...(ca === undefined ? {} : { ca }),
  })
  return new Promise<Finding>((resolve) => {
    client.once('connect', () => resolve(ok(what, `${new URL(url).host} lets ${username ?? 'us'} in`)))
    client.once('error', (error) => resolve(problem(what, `${new URL(url).host}: ${error.message}`, 'Look at its log, and at VIGIL_MQTT_USERNAME and VIGIL_MQTT_PASSWORD if it is your own.')))
    client.once('close', () => resolve(problem(what, `${new URL(url).host} does not answer`, 'Look at its log, and at VIGIL_MQTT_URL if it is your own.')))
  }).finally(() => client.end(true))
}

/** `/health/ready` of one program, with the facts that do not hold. */
export async function checkHealth(what: string, url: string): Promise<Finding> {
  try {
    const { ok: fine, facts = [] } = JSON.parse(await getText(`${url}/health/ready`)) as { ok: boolean; facts?: { name: string; ok: boolean; detail?: string }[] }
    const bad = facts.filter((fact) => !fact.ok).map(({ name, detail }) => (detail === undefined ? name : `${name}: ${detail}`))
    if (fine) return ok(what, `well (${facts.map(({ name }) => name).join(', ')})`)
    return problem(what, `not ready (${bad.join('; ')})`, 'What it names needs a look first.')
  } catch (error) {
    return problem(what, `${url} does not answer: ${(error as Error).message}`, 'Look at its log.')
  }
}

/** Nothing secret is asked or sent, and a real certificate names another host than the loopback address asked here. */
function getText(url: string): Promise<string> {
  const get = url.startsWith('https:') ? https.get : http.get
  return new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false, timeout: ANSWER_LIMIT_MS }, (response) => {
      text(response).then(resolve, reject)
    })
    request.once('timeout', () => request.destroy(new AppError('NOT_READY', `no answer within ${ANSWER_LIMIT_MS / 1_000} s`)))
    request.once('error', reject)
  })
}
