import { mkdirSync } from 'node:fs'
import { AppError, type Clock } from '@vigil/contract'
import { pause, type Log } from '@vigil/program'
import { isCluster, makeCluster } from './cluster.ts'
import { embeddedUrl, ensurePassword, readPassword } from './cluster-secrets.ts'
import { ensureDatabase, tryConnect } from './database.ts'
import { clearLeftover } from './leftover.ts'
import { choosePlace, clusterPath } from './place.ts'
import { preparePrograms, SHARED_STATE } from './programs.ts'
import { spawnPostmaster, type Postmaster, type PostmasterOptions } from './postmaster.ts'
import { chooseRunUser } from './run-user.ts'

export interface StartPostgresOptions {
  readonly dataDir: string
  readonly port: number
  readonly clock: Clock
  readonly log: Log
  /** Setting named when the port is taken. */
  readonly portSetting?: string
  /** Where root keeps what does not fit in the data directory. */
  readonly sharedState?: string
  readonly settings?: readonly string[]
}

export interface RunningPostgres {
  readonly port: number
  readonly pid: number
  /** For the ward's programs. */
  readonly url: string
  /** For those who make and drop databases. */
  readonly superuserUrl: string
  /** Resolves when the server process ends, whatever the reason. */
  readonly exited: Postmaster['exited']
  stop(): Promise<void>
}

/** Recovery after a power cut replays the log, which takes its time. */
const READY_LIMIT_MS = 120_000
/** After its server was killed, processes that serve connections hold the shared memory for a moment. */
const RETRY_LIMIT_MS = 30_000
const RETRY_EVERY_MS = 200
const POLL_MS = 40

const STILL_HELD = /pre-existing shared memory|lock file .* already exists|could not create shared memory/i
const PORT_TAKEN = /Address already in use|could not bind/i

/** The embedded PostgreSQL: makes its database when there is none, starts it, and answers when it takes queries. */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const { dataDir, clock, log, sharedState = SHARED_STATE } = options
  mkdirSync(dataDir, { recursive: true })
  const user = chooseRunUser(clusterPath(dataDir))
  const programs = preparePrograms(user, { shared: sharedState, dataDir })
  const directory = choosePlace(dataDir, user, sharedState)
  const superuserPassword = superuserPasswordFor(dataDir, directory)
  if (!isCluster(directory)) {
    log.info({ directory }, 'postgres.making_database')
    await makeCluster({ programs, directory, user, superuserPassword })
  }
  const left = await clearLeftover(directory, clock)
  if (left !== 'none') log.warn({ left }, 'postgres.cleared_leftover')
  const url = embeddedUrl('postgres', superuserPassword, options.port)
  const onOutput = (text: string) => log.info({ text: text.trimEnd() }, 'postgres.said')
  const postmaster = await startUntilReady({ programs, directory, port: options.port, user, onOutput, settings: options.settings ?? [] }, url, options)
  return finish(postmaster, url, options)
}

function superuserPasswordFor(dataDir: string, directory: string): string {
  if (isCluster(directory) && readPassword(dataDir, 'postgres') === undefined) {
    throw new AppError('START_FAILED', `The database in ${directory} is there, but its password file secrets/postgres-postgres is missing. Put the secrets folder back that belongs to this data directory.`)
  }
  return ensurePassword(dataDir, 'postgres')
}

async function startUntilReady(options: PostmasterOptions, url: string, { clock, port, portSetting = 'VIGIL_PG_PORT' }: StartPostgresOptions): Promise<Postmaster> {
  const startedAt = clock.monotonic()
  for (;;) {
    const postmaster = spawnPostmaster(options)
    const outcome = await waitUntilReady(postmaster, url, clock, READY_LIMIT_MS)
    if (outcome === 'open') return postmaster
    await postmaster.stop(clock)
    const said = postmaster.lastWords()
    if (PORT_TAKEN.test(said)) {
      throw new AppError('PORT_TAKEN', `Port ${port} is in use by another program. Stop it, or choose another port with ${portSetting}.`, { details: { port, setting: portSetting } })
    }
    if (outcome === 'wrong-password') {
      throw new AppError('START_FAILED', `The PostgreSQL in ${options.directory} does not accept the password of this data directory. Put the secrets folder back that belongs to it.`)
    }
    if (outcome === 'exited' && STILL_HELD.test(said) && clock.monotonic() - startedAt < RETRY_LIMIT_MS) {
      await pause(clock, RETRY_EVERY_MS)
      continue
    }
    throw new AppError('START_FAILED', `PostgreSQL did not start (${outcome}): ${firstComplaint(said)}`, { details: { said } })
  }
}

async function waitUntilReady(postmaster: Postmaster, url: string, clock: Clock, limitMs: number): Promise<'open' | 'exited' | 'wrong-password' | 'too slow'> {
  const until = clock.monotonic() + limitMs
  while (clock.monotonic() < until) {
    if (!postmaster.running()) return 'exited'
    const reachable = await tryConnect(url)
    // Another server may answer at this port while ours fails to take it: only a living one of ours counts.
    if (reachable !== 'not-yet') await pause(clock, POLL_MS)
    if (!postmaster.running()) return 'exited'
    if (reachable !== 'not-yet') return reachable
    await pause(clock, POLL_MS)
  }
  return 'too slow'
}

async function finish(postmaster: Postmaster, superuserUrl: string, { dataDir, port, clock, log }: StartPostgresOptions): Promise<RunningPostgres> {
  try {
    const password = ensurePassword(dataDir, 'vigil')
    await ensureDatabase(superuserUrl, 'vigil', password)
    log.info({ port, pid: postmaster.pid }, 'postgres.ready')
    return {
      port,
      pid: postmaster.pid,
      url: embeddedUrl('vigil', password, port),
      superuserUrl,
      exited: postmaster.exited,
      stop: () => postmaster.stop(clock),
    }
  } catch (error) {
    await postmaster.stop(clock)
    throw error
  }
}

function firstComplaint(said: string): string {
  return said.split('\n').find((line) => /FATAL|ERROR|PANIC|could not/.test(line))?.trim() || said.trim().split('\n').at(-1) || 'it said nothing'
}
