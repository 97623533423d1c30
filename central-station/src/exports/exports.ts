import { setImmediate as turn } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { AppError, type Clock, type ExportJob, type ExportList, isAppError, type NewExport, type Stop, type WardScope } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { readSignals } from '../history/history-question.ts'
import { slicesOf } from '../history/slices.ts'
import { readTimeRange } from '../history/time-range.ts'
import { uuidv7 } from '../ids.ts'
import { type ExportChoice, type ExportFact, type ExportSource, fileNameOf, KEPT_MS, viewOfExport } from './export-job.ts'
import type { ExportFolder } from './export-folder.ts'
import { headingOf, linesOf } from './export-lines.ts'

/** Whose export it is. */
export interface ExportMaker {
  readonly username: string
  readonly wards: WardScope
}

export interface ExportFile {
  readonly path: string
  readonly bytes: number
  readonly fileName: string
  readonly format: ExportFact['format']
  readonly gzip: boolean
}

/** Everything of a choice as a file, made in the background and kept for a day. */
export interface Exports {
  /** @throws AppError INVALID_RANGE, INVALID_REQUEST, UNKNOWN_SIGNAL, TOO_MANY_REQUESTS */
  start(asked: NewExport, maker: ExportMaker): Promise<ExportJob>
  list(maker: ExportMaker): ExportList
  /** @throws AppError NOT_FOUND */
  get(id: string, maker: ExportMaker): ExportJob
  /** @throws AppError NOT_FOUND, NOT_READY */
  file(id: string, maker: ExportMaker): Promise<ExportFile>
  /** Ends it if it runs, and removes its file. @throws AppError NOT_FOUND */
  remove(id: string, maker: ExportMaker): Promise<void>
  stop(): Promise<void>
}

/** Samples read at once: some ten thousand lines, made while nobody waits a frame for them. */
const PAGE_SAMPLES = 2_000
const KEPT_OF_ONE = 20
const TIDY_EVERY_MS = 600_000
const CHUNK_LINES = 500

export interface ExportOptions {
  readonly source: ExportSource
  readonly folder: ExportFolder
  readonly clock: Clock
  readonly log: Log
}

export async function openExports(options: ExportOptions): Promise<Exports> {
  const room = new ExportRoom(options)
  await room.takeUp()
  return room
}

class ExportRoom implements Exports {
  readonly #options: ExportOptions
  readonly #jobs = new Map<string, ExportFact>()
  readonly #tidying: Stop
  /** The one that runs: one at a time, so that the wall never notices. */
  #running: { readonly id: string; readonly ends: AbortController; readonly done: Promise<void> } | undefined
  #stopped = false

  constructor(options: ExportOptions) {
    this.#options = options
    this.#tidying = options.clock.every(TIDY_EVERY_MS, () => void this.#tidy())
  }

  /** What was under way when the program ended begins anew. */
  async takeUp(): Promise<void> {
    for (const fact of await this.#options.folder.load()) this.#jobs.set(fact.id, fact.state === 'running' ? { ...fact, state: 'waiting' } : fact)
    await this.#tidy()
    this.#next()
  }

  async start(asked: NewExport, { username, wards }: ExportMaker): Promise<ExportJob> {
    const { clock, folder } = this.#options
    const choice = readChoice(asked)
    const own = [...this.#jobs.values()].filter(({ by }) => by === username)
    if (own.length >= KEPT_OF_ONE) throw new AppError('TOO_MANY_REQUESTS', `You have ${own.length} exports. Remove one that is not needed any more.`)
    const fact: ExportFact = { ...choice, id: uuidv7(clock.now()), by: username, wards, state: 'waiting', samples: 0, rows: 0, share: 0, bytes: 0, createdAtMs: clock.now(), startedAtMs: null, endedAtMs: null, why: null }
    await folder.save(fact)
    this.#jobs.set(fact.id, fact)
    this.#next()
    return viewOfExport(this.#jobs.get(fact.id) ?? fact, clock.now())
  }

  list({ username }: ExportMaker): ExportList {
    const own = [...this.#jobs.values()].filter(({ by }) => by === username).sort((a, b) => b.createdAtMs - a.createdAtMs || b.id.localeCompare(a.id))
    return { exports: own.map((fact) => viewOfExport(fact, this.#options.clock.now())) }
  }

  get(id: string, maker: ExportMaker): ExportJob {
    return viewOfExport(this.#own(id, maker), this.#options.clock.now())
  }

  async file(id: string, maker: ExportMaker): Promise<ExportFile> {
    const fact = this.#own(id, maker)
    if (fact.state !== 'done') throw new AppError('NOT_READY', fact.why ?? 'The file is not made yet.', { details: { state: fact.state } })
    const { folder } = this.#options
    return { path: folder.pathOf(id), bytes: await folder.sizeOf(id), fileName: fileNameOf(fact), format: fact.format, gzip: fact.gzip }
  }

  async remove(id: string, maker: ExportMaker): Promise<void> {
    this.#own(id, maker)
    await this.#drop(id)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#tidying()
    this.#running?.ends.abort()
    await this.#running?.done
  }

  /** Somebody else's is as if it were not there; so is one of wards that are not theirs any more. */
  #own(id: string, { username, wards }: ExportMaker): ExportFact {
    const fact = this.#jobs.get(id)
    const sees = fact && (wards === null || fact.wards?.every((ward) => wards.includes(ward)) === true)
    if (!fact || fact.by !== username || !sees) throw new AppError('NOT_FOUND', 'There is no such export, or its time is over.')
    return fact
  }

  async #drop(id: string): Promise<void> {
    this.#jobs.delete(id)
    if (this.#running?.id === id) {
      this.#running.ends.abort()
      await this.#running.done
    }
    await this.#options.folder.remove(id)
  }

  async #tidy(): Promise<void> {
    const nowMs = this.#options.clock.now()
    for (const { id, endedAtMs } of this.#jobs.values()) if (endedAtMs !== null && nowMs - endedAtMs >= KEPT_MS) await this.#drop(id)
  }

  #next(): void {
    if (this.#running || this.#stopped) return
    const fact = [...this.#jobs.values()].filter(({ state }) => state === 'waiting').sort((a, b) => a.createdAtMs - b.createdAtMs)[0]
    if (!fact) return
    const ends = new AbortController()
    const done = this.#run(fact.id, ends.signal).finally(() => {
      this.#running = undefined
      this.#next()
    })
    this.#running = { id: fact.id, ends, done }
  }

  /** Remembers how it stands; one that was removed meanwhile stays removed. */
  #set(id: string, change: Partial<ExportFact>): ExportFact | undefined {
    const fact = this.#jobs.get(id)
    if (!fact) return undefined
    const after = { ...fact, ...change }
    this.#jobs.set(id, after)
    return after
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { clock, folder, log } = this.#options
    const fact = this.#set(id, { state: 'running', startedAtMs: clock.now(), samples: 0, rows: 0, share: 0, bytes: 0 })
    if (!fact) return
    try {
      await folder.write(fact, Readable.from(this.#textOf(fact)), { signal, onBytes: (bytes) => this.#set(id, { bytes }) })
      this.#set(id, { state: 'done', share: 1, endedAtMs: clock.now(), bytes: await folder.sizeOf(id) })
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error, export: id }, 'export.failed')
      this.#set(id, { state: 'failed', endedAtMs: clock.now(), why: isAppError(error) ? error.message : 'The file could not be written. Ask an operator to look at the disk and the log.' })
    }
    const after = this.#jobs.get(id)
    if (after) await folder.save(after).catch((err: unknown) => log.error({ err }, 'export.not_saved'))
  }

  /** The text in pieces, a page of samples in memory; a turn of the event loop between them for everybody else. */
  async *#textOf(fact: ExportFact): AsyncGenerator<string> {
    const { source } = this.#options
    const { id, format, signals } = fact
    const spans = await source.spans(fact)
    const expected = await source.expected(spans)
    let [samples, rows] = [0, 0]
    if (headingOf(format) !== '') yield headingOf(format)
    for (const span of spans) {
      for await (const { page } of slicesOf(span, { most: PAGE_SAMPLES, read: (slice, most) => source.page({ ...slice, stayId: span.stayId }, signals, most), countOf: ({ t }) => t.length })) {
        let [text, lines] = ['', 0]
        for (const line of linesOf(page, span, format)) {
          text += line
          if (++lines % CHUNK_LINES > 0) continue
          yield text
          text = ''
          await turn()
        }
        if (text !== '') yield text
        samples += page.t.length
        rows += lines
        this.#set(id, { samples, rows, share: expected === 0 ? 0 : Math.min(0.999, samples / expected) })
        await turn()
      }
    }
  }
}

function readChoice({ format, gzip = true, beds = [], stays = [], devices = [], signals = [], from, to }: NewExport): ExportChoice {
  if (beds.length + stays.length + devices.length === 0) throw new AppError('INVALID_REQUEST', 'Say whose: choose at least one bed, stay or device.', { details: { field: 'beds' } })
  const { fromMs, toMs } = readTimeRange({ from, to })
  if (fromMs === undefined || toMs === undefined) throw new AppError('INVALID_RANGE', 'Say from when until when.')
  return { format, gzip, beds, stays, devices, signals: signals.length === 0 ? [] : readSignals(signals.join(',')).map(({ name }) => name), fromMs, toMs }
}
