import { open } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import type { Client } from 'pg'
import { AppError, type Clock } from '@vigil/contract'
import { AppleExportReader, brokeOff, eventsCall, HealthImporter, type HealthReport, type HealthSink, namesCall, type StoreCounts, valuesCall } from '@vigil/contract/health/index'
import { withClient } from '../postgres/database.ts'

export interface ImportOptions {
  readonly databaseUrl: string
  readonly patientId: string
  readonly input: AsyncIterable<Uint8Array>
  readonly clock: Clock
  /** Told now and then: bytes read, and records seen. */
  readonly onProgress: (bytes: number, records: number) => void
}

/** A batch of a large file waits for the disk now and then. */
const QUERY_LIMIT_MS = 60_000

/**
 * Reads an `export.xml` of Apple Health into the tables a phone writes to, by the same rules; importing again changes nothing. Memory does not grow with the file.
 * @throws AppError NOT_FOUND (patient), INVALID_MESSAGE (no such export)
 */
export function importAppleHealth({ databaseUrl, patientId, input, clock, onProgress }: ImportOptions): Promise<HealthReport> {
  return withClient(databaseUrl, async (client) => {
    const { personNo, importNo } = await begin(client, patientId, clock.now())
    const importer = new HealthImporter(sinkOf(client, personNo, importNo), { aggregation: 'none', period: undefined, receivedMs: clock.now() })
    let failure: unknown
    try {
      await readInto(importer, input, onProgress)
    } catch (error) {
      failure = error
    }
    const { offsetMinutes, ...report } = await importer.finish()
    await client.query('update health_import set report = $2 where no = $1', [importNo, JSON.stringify({ ...report, ...brokeOff(failure) })])
    await client.query('update health_person set offset_minutes = coalesce($2, offset_minutes) where no = $1', [personNo, offsetMinutes ?? null])
    if (failure !== undefined) throw failure
    return importer.report
  }, QUERY_LIMIT_MS)
}

/** @throws AppError NOT_FOUND, before anything is asked of the database */
export async function openExport(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    const handle = await open(path)
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream({ highWaterMark: 256 * 1024 })
    await handle.close()
  } catch (cause) {
    throw new AppError('NOT_FOUND', `There is no file ${path} that can be read.`, { cause })
  }
  throw new AppError('NOT_FOUND', `${path} is a folder; the file export.xml is in it.`)
}

async function begin(client: Client, patientId: string, nowMs: number): Promise<{ personNo: number; importNo: number }> {
  const { rows } = await client.query<{ known: boolean }>('select exists (select from patient where id::text = $1) as known', [patientId])
  if (rows[0]?.known !== true) throw new AppError('NOT_FOUND', `There is no patient ${patientId}. The id stands in the address of the patient's page and in GET /api/v1/patients.`)
  const begun = await client.query<{ person_no: number; no: string }>(
    `insert into health_import (at, person_no, door, head) values ($2, health_person_number($1), 'file', '{"automation":"export.xml"}') returning person_no, no`,
    [patientId, new Date(nowMs).toISOString()],
  )
  return { personNo: begun.rows[0]?.person_no ?? 0, importNo: Number(begun.rows[0]?.no) }
}

async function readInto(importer: HealthImporter, input: AsyncIterable<Uint8Array>, onProgress: ImportOptions['onProgress']): Promise<void> {
  const reader = new AppleExportReader(importer)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  for await (const piece of input) {
    bytes += piece.byteLength
    reader.write(decoded(decoder, piece))
    await importer.breathe()
    onProgress(bytes, reader.seen)
  }
  reader.write(decoded(decoder))
  reader.end()
}

function decoded(decoder: TextDecoder, piece?: Uint8Array): string {
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
  } catch (cause) {
    throw new AppError('INVALID_MESSAGE', 'This is no text in UTF-8. If it is the zip of the phone: unzip -p export.zip apple_health_export/export.xml | npm run import:apple-health -- - --patient <id>', { cause })
  }
}

function sinkOf(client: Client, personNo: number, importNo: number): HealthSink {
  const counts = async ({ text, values }: { text: string; values: readonly unknown[] }): Promise<StoreCounts> => {
    const { rows } = await client.query<Partial<StoreCounts>>(text, [...values])
    return { stored: rows[0]?.stored ?? 0, changed: rows[0]?.changed ?? 0, kept: rows[0]?.kept ?? 0 }
  }
  return {
    async names(names) {
      const { text, values } = namesCall(names)
      return new Map((await client.query<{ name: string; no: number }>(text, [...values])).rows.map(({ name, no }) => [name, no]))
    },
    values: (names, batch) => counts(valuesCall(personNo, importNo, names, batch)),
    events: (events) => counts(eventsCall(personNo, importNo, events)),
  }
}
