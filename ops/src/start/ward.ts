import { mkdirSync } from 'node:fs'
import { AppError, type Clock } from '@vigil/contract'
import { assertSafeBind, clearDemoMark, readDemoMark, silentLog } from '@vigil/program'
import { WARD_ID } from '../demo/demo-api.ts'
import { readMigrations } from '../migrations/migration-files.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { migrate } from '../migrations/migrate.ts'
import { isCluster } from '../postgres/cluster.ts'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { assertUsable as assertDatabaseUsable } from '../postgres/database.ts'
import { clearLeftover } from '../postgres/leftover.ts'
import { clusterPath } from '../postgres/place.ts'
import { clearLeftovers } from '../supervisor/run-record.ts'
import { createSupervisor, type Supervisor } from '../supervisor/supervisor.ts'
import { hasAccounts, newPassword } from './admin-password.ts'
import { disableDemoAccount, ensureDemoAccount } from './demo-account.ts'
import { assertUsable, isRootOnForeignData } from './data-dir.ts'
import { lockDataDir, type InstanceLock } from './instance-lock.ts'
import { assertPortsFree, tryListen, wantedPorts } from './ports.ts'
import { programSpec, type ProgramName, type ProgramsContext } from './programs.ts'
import type { Progress } from './progress.ts'
import { httpUrl } from './ready-line.ts'
import type { StartSettings } from './settings.ts'
import { ensureWebApp } from './web-build.ts'

export interface WardOptions extends ProgramsContext {
  readonly clock: Clock
  readonly progress: Progress
}

export interface SignIn {
  readonly user: 'admin'
  /** Only when it was made just now: it is kept nowhere. */
  readonly password?: string
  readonly from: 'made now' | 'VIGIL_ADMIN_PASSWORD' | 'earlier'
}

/** The whole ward as one thing that is started once and stopped once. */
export class Ward {
  readonly #options: WardOptions
  readonly #supervisor: Supervisor
  readonly #lock: InstanceLock
  #stopped: Promise<void> | undefined

  /** Refuses what cannot work before anything is started: an unsafe bind, a directory in use, a taken port. */
  static async prepare(options: WardOptions): Promise<Ward> {
    const { settings, dataDir, clock, progress } = options
    assertSafeBind({ bind: settings.bind, tls: settings.tlsCert !== undefined && settings.tlsKey !== undefined, signIn: true, what: 'Vigil' })
    assertUsable(dataDir)
    if (isRootOnForeignData(dataDir)) progress.tell(`Started as root on another user's data: files made now will belong to root (${dataDir})`)
    const lock = lockDataDir(dataDir)
    try {
      await clearEarlierRun(dataDir, clock, progress)
      await assertPortsFree(wantedPorts(settings))
      await tellOfAmqp(settings, progress)
      if (settings.databaseUrl !== undefined) await assertDatabaseUsable(settings.databaseUrl)
      return new Ward(options, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  private constructor(options: WardOptions, lock: InstanceLock) {
    this.#options = options
    this.#lock = lock
    this.#supervisor = createSupervisor({ dataDir: options.dataDir, clock: options.clock, tell: (line) => options.progress.tell(line) })
  }

  async start(): Promise<SignIn> {
    const { settings, progress } = this.#options
    const [webDist, databaseUrl] = await bothOrFirstFailure(this.#webApp(), this.#database())
    const known = await hasAccounts(databaseUrl)
    const adminPassword = known ? undefined : (settings.adminPassword ?? newPassword())
    if (settings.mqttUrl === undefined) await this.#startPrograms({ broker: { DATABASE_URL: databaseUrl } })
    const central = { DATABASE_URL: databaseUrl, VIGIL_WEB_DIST: webDist, VIGIL_ADMIN_PASSWORD: adminPassword }
    // So that what happened in the demo ward can be looked at again.
    const waves = settings.keepWavesOf ?? (settings.demoBeds === 0 ? undefined : `ward:${WARD_ID}`)
    await this.#startPrograms({ bridge: { DATABASE_URL: databaseUrl, VIGIL_KEEP_WAVES_OF: waves }, 'central-station': central })
    await this.#demoWard(databaseUrl)
    progress.tell('Ready')
    if (known) return { user: 'admin', from: 'earlier' }
    return settings.adminPassword === undefined ? { user: 'admin', from: 'made now', password: adminPassword ?? '' } : { user: 'admin', from: 'VIGIL_ADMIN_PASSWORD' }
  }

  /** Stops everything in reverse order; data stays. Safe to call again. */
  stop(limitMs: number): Promise<void> {
    this.#stopped ??= this.#supervisor.stop(limitMs).finally(() => this.#lock.release())
    return this.#stopped
  }

  async #webApp(): Promise<string> {
    const { settings, root, dataDir, env, progress } = this.#options
    return settings.webDist ?? ensureWebApp({ root, dataDir, env, tell: (line) => progress.tell(line) })
  }

  /** Answers the address of a database that has every migration. */
  async #database(): Promise<string> {
    const { settings, dataDir, clock, progress } = this.#options
    const url = settings.databaseUrl ?? (await this.#embeddedDatabase())
    const applied = await migrate({ url, migrations: readMigrations(migrationFolder), clock, log: silentLog })
    if (applied.length > 0) progress.tell(`Database brought up to date: ${applied.join(', ')}`)
    mkdirSync(dataDir, { recursive: true })
    return url
  }

  async #embeddedDatabase(): Promise<string> {
    const { settings, dataDir, progress } = this.#options
    if (!isCluster(clusterPath(dataDir))) progress.tell('Making the database (first start) …')
    await this.#startPrograms({ postgres: {} })
    const password = readPassword(dataDir, 'vigil')
    if (password === undefined) throw new AppError('START_FAILED', `PostgreSQL runs, but its password file is missing in ${dataDir}/secrets.`)
    return embeddedUrl('vigil', password, settings.pgPort)
  }

  async #startPrograms(programs: Partial<Record<ProgramName, Record<string, string | undefined>>>): Promise<void> {
    const specs = Object.entries(programs).map(([name, own]) => programSpec(name as ProgramName, this.#options, own))
    const titles = specs.map((spec) => spec.title).join(' and ')
    this.#options.progress.tell(`Starting ${titles} …`)
    await this.#supervisor.start(...specs)
  }

  /** The ward is ready without it: its boards connect like any others, and their history arrives when it arrives. */
  async #demoWard(databaseUrl: string): Promise<void> {
    const { settings, dataDir, progress, env } = this.#options
    if (settings.demoBeds === 0) return disableDemoAccount(databaseUrl)
    if (settings.demoAgain) clearDemoMark(dataDir)
    const removed = readDemoMark(dataDir)
    if (removed) {
      progress.tell(`The demo ward was removed${removed.by === '' ? '' : ` by ${removed.by} at ${removed.at}`} and stays away. It comes back with: npm start -- --demo-again`)
      return disableDemoAccount(databaseUrl)
    }
    await ensureDemoAccount(databaseUrl, dataDir)
    progress.tell(`Starting the demo ward (${settings.demoBeds} beds, labelled DEMO) …`)
    // A certificate of the operator's own is often its own authority.
    this.#supervisor.launch(programSpec('demo-ward', this.#options, { VIGIL_HTTP_URL: env['VIGIL_HTTP_URL'] ?? httpUrl(settings), NODE_EXTRA_CA_CERTS: settings.tlsCert }))
  }
}

/** What a killed run left behind goes first, because it holds the ports. */
async function clearEarlierRun(dataDir: string, clock: Clock, progress: Progress): Promise<void> {
  const ended = await clearLeftovers(dataDir, clock)
  const postgres = isCluster(clusterPath(dataDir)) ? await clearLeftover(clusterPath(dataDir), clock) : 'none'
  const names = [...ended, ...(postgres === 'server' ? ['PostgreSQL'] : [])]
  if (names.length > 0) progress.tell(`Ended what an earlier run had left behind: ${names.join(', ')}`)
}

/** A ward does not stay down for the consumers' port, which a RabbitMQ of the house may have: the bridge tries again by itself. */
async function tellOfAmqp({ amqpPort: port, bind }: StartSettings, progress: Progress): Promise<void> {
  if (port !== 0 && (await tryListen({ port, bind })) === 'EADDRINUSE') progress.tell(`Port ${port} is in use by another program: no AMQP for consumers until it is free. Choose another with VIGIL_AMQP_PORT, or 0 for none`)
}

/** Both side by side; when one fails, the other is waited for, so that nothing goes on unseen. */
async function bothOrFirstFailure<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const outcomes = await Promise.allSettled([a, b])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return Promise.all([a, b])
}
