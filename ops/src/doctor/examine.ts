import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { readHolder } from '../start/instance-lock.ts'
import { wantedPorts } from '../start/ports.ts'
import { mqttUrl } from '../start/programs.ts'
import { httpUrl } from '../start/ready-line.ts'
import type { StartSettings } from '../start/settings.ts'
import { statusPath } from '../supervisor/supervisor.ts'
import type { ProgramStatus } from '../supervisor/supervised-program.ts'
import { note, ok, type Finding } from './finding.ts'
import { checkClock, checkDataDir, checkDisk, checkInstallation, checkNode, checkTestPrograms } from './machine-checks.ts'
import { checkBroker, checkDatabase, checkHealth, checkPorts, checkPrograms, type BrokerAccess } from './ward-checks.ts'

export interface ExamineOptions {
  readonly root: string
  readonly dataDir: string
  readonly settings: StartSettings
  readonly clock: Clock
  readonly path: string
}

/** Looks at everything that keeps a ward from running or being right; changes nothing. */
export async function examine(options: ExamineOptions): Promise<readonly Finding[]> {
  const { root, dataDir, settings, clock, path } = options
  const holder = readHolder(dataDir)
  const machine = [checkNode(), checkInstallation(root, settings.databaseUrl !== undefined), checkDataDir(dataDir), checkDisk(dataDir), checkClock(clock)]
  const running = holder === undefined ? note('Vigil', `does not run with ${dataDir}`, 'Start it with "npm start".') : ok('Vigil', `runs (process ${holder.pid})`)
  const ward = [running, await checkPorts(wantedPorts(settings), holder !== undefined), ...(holder === undefined ? [] : checkPrograms(readStatuses(dataDir), dataDir))]
  return [...machine, ...ward, ...(await examineDatabase(options, holder !== undefined)), ...(holder === undefined ? [] : await examinePrograms(options)), checkTestPrograms(path)]
}

async function examineDatabase({ dataDir, settings }: ExamineOptions, running: boolean): Promise<readonly Finding[]> {
  if (settings.databaseUrl !== undefined) return checkDatabase(settings.databaseUrl)
  const password = readPassword(dataDir, 'vigil')
  // The embedded one runs only while Vigil does.
  return running && password !== undefined ? checkDatabase(embeddedUrl('vigil', password, settings.pgPort)) : []
}

async function examinePrograms({ dataDir, settings }: ExamineOptions): Promise<readonly Finding[]> {
  const own = settings.mqttUrl === undefined
  return Promise.all([
    checkBroker(brokerAccess(dataDir, settings)),
    ...(own ? [checkHealth('Broker health', `http://127.0.0.1:${settings.brokerHealthPort}`)] : []),
    checkHealth('Bridge health', `http://127.0.0.1:${settings.bridgeHealthPort}`),
    checkHealth('Central station health', httpUrl(settings)),
  ])
}

function brokerAccess(dataDir: string, settings: StartSettings): BrokerAccess {
  const ca = settings.mqttCa === undefined ? undefined : readFileSync(settings.mqttCa, 'utf8')
  const username = settings.mqttUsername ?? 'central'
  return { url: mqttUrl(settings), username, password: settings.mqttPassword ?? servicePassword(dataDir, username), ca }
}

/** Read, never made: the doctor changes nothing. */
function servicePassword(dataDir: string, username: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'secrets', 'services.json'), 'utf8')) as Record<string, string>)[username]
  } catch {
    return undefined
  }
}

function readStatuses(dataDir: string): readonly ProgramStatus[] {
  try {
    return (JSON.parse(readFileSync(statusPath(dataDir), 'utf8')) as { programs: ProgramStatus[] }).programs
  } catch {
    return []
  }
}
