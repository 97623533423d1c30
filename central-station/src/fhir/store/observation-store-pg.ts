import type { Database } from '../../db/database.ts'
import type { ObservationStore } from './sample-source.ts'
import { readEdge, readHoursWith, readOwnerAt, readOwners, readSampleRow, readSampleRows } from './samples-pg.ts'
import { readWaveBlocks, readWaveEdge } from './waves-pg.ts'
import { readStays, readTyped, readTypedById, readTypedEdge } from './typed-pg.ts'

export function createObservationStore(database: Database): ObservationStore {
  return {
    owners: (filter, limit) => readOwners(database, filter, limit),
    rows: (span) => readSampleRows(database, span),
    edge: (spans, descending) => readEdge(database, spans, descending),
    row: (name, wards) => readSampleRow(database, name, wards),
    ownerAt: (when, wards) => readOwnerAt(database, when, wards),
    waveBlocks: (span, channel) => readWaveBlocks(database, span, channel),
    waveEdge: (spans, channels, descending) => readWaveEdge(database, spans, channels, descending),
    hoursWith: (span, codes, perSignal) => readHoursWith(database, span, codes, perSignal),
    stays: (filter) => readStays(database, filter),
    typed: (stayIds, fromMs, toMs) => readTyped(database, stayIds, fromMs, toMs),
    typedEdge: (stayIds, range, descending) => readTypedEdge(database, stayIds, range, descending),
    typedById: (id, wards) => readTypedById(database, id, wards),
  }
}
