import { TextDecoder } from 'node:util'
import { AppError, type Clock, type HealthImport, type HealthImportList, type HealthImportReport, type HealthSource, type HealthSourceCreated, type HealthSourceList, type NewHealthSource } from '@vigil/contract'
import { aggregationOf, BodyReader, brokeOff, HealthImporter, type HealthReport } from '@vigil/contract/health/index'
import { newSecret } from '@vigil/program'
import type { Audit, Doing } from '../audit/audit.ts'
import { uuidv7 } from '../ids.ts'
import { iso } from '../iso.ts'
import { hashToken } from '../people/hash-token.ts'
import type { HealthImportStore, SourceFact } from './health-store.ts'

/** What a phone says beside the body. */
export interface PhoneExport {
  /** Headers of the app, by our names: automation, aggregation, period, session. */
  readonly head: Readonly<Record<string, string>>
  readonly origin: string
  readonly requestId: string
  readonly body: AsyncIterable<Uint8Array>
}

export interface ImportRequest extends PhoneExport {
  readonly token: string
}

export interface HealthImports {
  /** @throws AppError NOT_FOUND, ALREADY_EXISTS */
  addSource(patientId: string, asked: NewHealthSource, by: string): Promise<HealthSourceCreated>
  sources(patientId: string): Promise<HealthSourceList>
  /** @throws AppError NOT_FOUND */
  revoke(patientId: string, id: string): Promise<HealthSource>
  imports(patientId: string): Promise<HealthImportList>
  /** Everything is committed when it resolves. @throws AppError UNAUTHENTICATED, TOO_MANY_REQUESTS, BODY_TOO_LARGE, MALFORMED_JSON, DATABASE_AWAY */
  take(request: ImportRequest): Promise<HealthImportReport>
  /** The same from a phone that the broker has let in. @throws as `take` */
  takeFromPhone(id: string, request: PhoneExport): Promise<HealthImportReport>
}

/** Characters and bytes; the largest exports of a phone have some 25 MB. */
export const MOST_IMPORT_BYTES = 64 * 1024 * 1024
/** Imports at once: each holds two batches of rows in memory, and the database has other things to do. */
const AT_ONCE = 3
const SHOWN_IMPORTS = 50

export interface HealthImportOptions {
  readonly store: HealthImportStore
  readonly audit: Audit
  readonly clock: Clock
  /** Counts rows by what became of them, and refused ones by reason. */
  readonly count: (outcome: string, rows: number) => void
}

export function createHealthImports({ store, audit, clock, count }: HealthImportOptions): HealthImports {
  let running = 0

  const run = async (door: HealthImport['door'], { no, patientId, source }: SourceFact, { head, body, origin, requestId }: PhoneExport): Promise<HealthImportReport> => {
    let rows: Record<string, number> = {}
    const entry: Doing = { actor: { accountId: null, username: '(phone)', role: '', origin, requestId }, action: 'health.import', subject: () => ({ patientId, detail: { sourceId: source.id, ...rows } }) }
    const { report, failure } = await audit.doing([entry], async () => {
      const startedMs = clock.now()
      const open = await store.begin({ patientId, sourceNo: no, door, head, atMs: startedMs })
      const importer = new HealthImporter(store.sink(open), { aggregation: aggregationOf(head['aggregation']), period: head['period'], receivedMs: startedMs })
      // What was read until a body broke off is good: it is stored, and the phone is told of the rest.
      const broken = await readInto(importer, aggregationOf(head['aggregation']), body).then(() => undefined, (error: unknown) => error)
      const { offsetMinutes, ...taken } = await importer.finish()
      const counted = { ...taken, ...brokeOff(broken) }
      await store.finish(open, no, counted, offsetMinutes, clock.now())
      countRows(counted, count)
      rows = rowsOf(counted)
      return { report: counted, failure: broken }
    })
    if (failure !== undefined) throw failure
    return report
  }

  const inTurn = async (...asked: Parameters<typeof run>): Promise<HealthImportReport> => {
    if (running >= AT_ONCE) throw new AppError('TOO_MANY_REQUESTS', 'Other phones are sending just now. Try again in a minute.', { details: { retryAfterMs: 60_000 } })
    running++
    try {
      return await run(...asked)
    } finally {
      running--
    }
  }

  return {
    async addSource(patientId, { label = '' }, by) {
      const token = newSecret()
      const createdAtMs = clock.now()
      const source = { id: uuidv7(createdAtMs), label, createdBy: by }
      await store.addSource({ ...source, patientId, createdAtMs }, hashOf(token))
      return { ...source, createdAt: iso(createdAtMs), token }
    },
    sources: async (patientId) => ({ sources: (await store.sources(patientId)).map(({ source }) => source) }),
    async revoke(patientId, id) {
      const found = await store.revoke(patientId, id, clock.now())
      if (!found) throw new AppError('NOT_FOUND', 'This patient has no such phone.')
      return found.source
    },
    imports: async (patientId) => ({ imports: [...(await store.imports(patientId, SHOWN_IMPORTS))] }),
    async take(request) {
      const source = request.token === '' ? undefined : await store.sourceOfToken(hashOf(request.token))
      if (!source) throw new AppError('UNAUTHENTICATED', 'This token is not valid. Make one for the person in the app and put it into the automation as the header "Authorization: Bearer …" or "api-key".')
      return inTurn('http', source, request)
    },
    async takeFromPhone(id, request) {
      const source = await store.openSource(id)
      if (!source) throw new AppError('UNAUTHENTICATED', 'This phone may not send any more. Make a new token for the person and put it into the automation.')
      return inTurn('mqtt', source, request)
    },
  }
}

/** Piece by piece: nothing of the body is held but the element under way and two batches. */
async function readInto(importer: HealthImporter, aggregation: ReturnType<typeof aggregationOf>, body: AsyncIterable<Uint8Array>): Promise<void> {
  const reader = new BodyReader(importer, aggregation)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    if (bytes > MOST_IMPORT_BYTES) throw new AppError('BODY_TOO_LARGE', 'The export is larger than 64 MiB. Switch "Batch Requests" on in the automation: what came until here is stored.')
    reader.write(decoded(decoder, piece))
    await importer.breathe()
  }
  reader.write(decoded(decoder))
  reader.end()
}

function decoded(decoder: TextDecoder, piece?: Uint8Array): string {
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
  } catch (cause) {
    throw new AppError('MALFORMED_JSON', 'The body is not UTF-8. What came before is stored.', { cause })
  }
}

function countRows(report: HealthImportReport, count: (outcome: string, rows: number) => void): void {
  for (const [outcome, rows] of Object.entries(rowsOf(report))) if (rows > 0 && outcome !== 'refused') count(outcome, rows)
  for (const [why, rows] of Object.entries(report.refusedBy)) count(`refused_${why}`, rows)
}

function rowsOf({ stored, changed, unchanged, kept, refused }: Omit<HealthReport, 'offsetMinutes'> | HealthImportReport): Record<string, number> {
  return { stored, changed, unchanged, kept, refused }
}

function hashOf(token: string): Buffer {
  return Buffer.from(hashToken(token), 'hex')
}
