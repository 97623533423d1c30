import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { SettingSpec } from '@vigil/contract'
import { readSettings, systemClock } from '@vigil/program'
import { onSmallDisk } from '../real/small-disk.ts'
import { type FaultCount, faultKinds, noFaultsYet } from '../sim/faults.ts'
import { AlarmWard } from '../sim/alarms.ts'
import { CommandWard } from '../sim/commands.ts'
import { SimWard, type Verdict } from '../sim/ward.ts'

const settings = {
  seeds: { env: 'VIGIL_SEEDS', kind: 'integer', min: 1, max: 10_000_000, default: 2_000, description: 'how many seeds to play' },
  seedFrom: { env: 'VIGIL_SEED_FROM', kind: 'integer', min: 0, max: 4_000_000_000, default: 1_000, description: 'the first of them; a failing one is told and can be had again with this and --seeds 1' },
  real: { env: 'VIGIL_REAL_FAULTS', kind: 'boolean', default: false, description: 'faults of real programs instead, which need the machine for minutes: a failover to a stand-by that was behind, a whole ward under fire, the disk of a PostgreSQL that fills up (mounts a small disk, as root)' },
  rounds: { env: 'VIGIL_ROUNDS', kind: 'integer', min: 1, max: 10_000, default: 12, description: 'how many faults the ward under fire sees, in the order of --seed-from' },
  logLevel: { env: 'VIGIL_LOG_LEVEL', kind: 'string', default: 'info', description: 'not used; every program knows it' },
} as const satisfies Record<string, SettingSpec>

const PART = '--part'
/** The parts that play. */
const children = new Set<ChildProcess>()
const said = (line: string) => process.stdout.write(`${line}\n`)

if (process.argv[2] === PART) await playPart(Number(process.argv[3]), Number(process.argv[4]))
else await playAll()

/** Real programs, one scenario after the other. */
async function playReal(seed: number, rounds: number): Promise<never> {
  const real = (name: string) => join(import.meta.dirname, '..', 'real', name)
  const codes = [await exitOf(fork(real('failover.ts'))), await exitOf(fork(real('ward-under-fire.ts'), [String(seed), String(rounds)]))]
  const outcome = await onSmallDisk(real('disk-full.ts'))
  if (typeof outcome === 'string') said(`disk full: not here, because no small disk can be mounted (${outcome})`)
  else codes.push(outcome)
  process.exit(codes.every((code) => code === 0) ? 0 : 1)
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve))
}

/** What a seed came to, beside the durable lane's. */
interface Beside {
  readonly what: 'remote control' | 'alarms'
  readonly seed: number
  readonly broken: string | undefined
}

/** In a process of its own: every seed of a range, each verdict told as it comes. */
async function playPart(from: number, seeds: number): Promise<void> {
  // Faults are errors by the thousand, and where each was made costs a tenth of the time; a seed played alone tells it.
  if (seeds > 1) Error.stackTraceLimit = 0
  for (let seed = from; seed < from + seeds; seed++) {
    process.send?.(await new SimWard(seed).run())
    for (const [what, ward] of [['remote control', new CommandWard(seed)], ['alarms', new AlarmWard(seed)]] as const) process.send?.({ what, seed, broken: (await ward.run()).broken } satisfies Beside)
  }
  process.disconnect?.()
}

async function playAll(): Promise<void> {
  const { values } = readSettings('vigil faults', 'plays the durable lane, remote control and alarms in simulated wards, one per seed, against every kind of fault', settings, process.argv.slice(2))
  if (values.real) await playReal(values.seedFrom, values.rounds)
  const beganAt = systemClock.monotonic()
  const seen: FaultCount = noFaultsYet()
  const broken: Verdict[] = []
  let [played, produced, steps] = [0, 0, 0]
  let brokenBeside = 0
  const heard = (verdict: Verdict | Beside): void => {
    if ('what' in verdict) {
      if (verdict.broken !== undefined) brokenBeside++
      if (verdict.broken !== undefined) said(`${verdict.what}, seed ${verdict.seed}: ${verdict.broken}`)
      return
    }
    for (const kind of faultKinds) seen[kind] += verdict.count[kind]
    played++
    produced += verdict.produced
    steps += verdict.steps
    if (verdict.broken === undefined) return
    broken.push(verdict)
    said(`seed ${verdict.seed}: ${verdict.broken}`)
  }
  const parts = Math.min(values.seeds, availableParallelism())
  const share = Math.ceil(values.seeds / parts)
  // Cut short, it says what was seen until then; the parts end as their channel closes.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => children.forEach((child) => child.kill()))
  const ends = Array.from({ length: parts }, (_, i) => play(values.seedFrom + i * share, Math.min(share, values.seeds - i * share), heard))
  const codes = await Promise.all(ends)
  for (const kind of faultKinds) said(`${kind.padEnd(24)} ${seen[kind]}`)
  const never = faultKinds.filter((kind) => seen[kind] === 0)
  said(`${played} of ${values.seeds} seeds, ${produced} objects, ${steps} steps in ${Math.round((systemClock.monotonic() - beganAt) / 1_000)} s: ${broken.length} broken${never.length > 0 ? `; never happened: ${never.join(', ')}` : ''}`)
  if (broken.length > 0) said(`Add to test/faults/sim/corpus.json: ${broken.map(({ seed }) => seed).join(', ')}`)
  said(`remote control and alarms in as many seeds: ${brokenBeside} broken`)
  process.exit(broken.length + brokenBeside > 0 || played < values.seeds || never.length > 0 || codes.some((code) => code !== 0) ? 1 : 0)
}

function play(from: number, seeds: number, heard: (verdict: Verdict | Beside) => void): Promise<number | null> {
  if (seeds <= 0) return Promise.resolve(0)
  const child: ChildProcess = fork(import.meta.filename, [PART, String(from), String(seeds)])
  children.add(child)
  child.on('message', (message) => heard(message as Verdict | Beside))
  return exitOf(child)
}
