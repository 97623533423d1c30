import { AppError, type Clock, topicOf } from '@vigil/contract'
import { iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import type { DeviceFact } from '../registry/world.ts'
import { type Measure, type Measures, readMeasures } from './measures.ts'
import type { BecalmStation } from './stations.ts'

export interface StoredMeasure {
  readonly type: string
  readonly value: number
  readonly t: number
}

/** Port: what stations sent. */
export interface BecalmStore {
  /** Commits what was not there before, for the station's own front end and for the durable lane; answers how many that were. */
  keep(deviceNo: number, topic: string, good: readonly Measure[], refused: Measures['refused'], nowMs: number): Promise<number>
  /** Newest first. */
  read(deviceNo: number, fromMs: number, toMs: number, limit: number): Promise<readonly StoredMeasure[]>
  /** The newest of each type within these times. */
  latest(deviceNos: readonly number[], sinceMs: number, untilMs: number): Promise<readonly (StoredMeasure & { readonly device_no: number })[]>
}

export interface BecalmMeasures {
  readonly id_patient: number
  readonly measures: readonly { readonly measure_type: string; readonly measure_value: number; readonly date_generation: string }[]
}

export interface Becalm {
  devices(): readonly Readonly<Record<string, unknown>>[]
  patients(): readonly Readonly<Record<string, unknown>>[]
  /** Everything good is committed when it resolves. @throws AppError NOT_FOUND, INVALID_REQUEST, DATABASE_AWAY */
  post(patient: number, device: number, rows: unknown): Promise<{ readonly stored: number; readonly known: number; readonly refused: readonly { readonly index: number; readonly why: string }[] }>
  read(patient: number, fromMs: number | undefined, toMs: number | undefined): Promise<readonly BecalmMeasures[]>
  latest(): Promise<readonly BecalmMeasures[]>
}

const HOUR_MS = 3_600_000
/** A station's clock may be so far ahead, as a device's may; what claims to be later would be the newest value for ever. */
const AHEAD_MS = 600_000
const MOST_ROWS = 1_000
const MOST_READ = 20_000

export interface BecalmOptions {
  readonly stations: readonly BecalmStation[]
  readonly store: BecalmStore
  readonly registry: Registry
  readonly clock: Clock
  readonly count: (outcome: string, rows: number) => void
}

/** The REST interface of becalm's server, version 100, over devices of ours. */
export function createBecalm({ stations, store, registry, clock, count }: BecalmOptions): Becalm {
  const factOf = ({ deviceId }: BecalmStation): DeviceFact | undefined => {
    const fact = registry.now().devices.get(deviceId)
    return fact?.retiredAtMs === null ? fact : undefined
  }
  const inService = () => stations.flatMap((station) => ({ station, fact: factOf(station) })).flatMap(({ station, fact }) => (fact ? [{ station, fact }] : []))
  const ofPatient = (patient: number) => {
    const found = inService().find(({ station }) => station.patient === patient)
    if (!found) throw new AppError('NOT_FOUND', `No station of patient ${patient} is named in VIGIL_BECALM_STATIONS and registered as a device.`)
    return found
  }

  return {
    devices: () => inService().map(({ station, fact }) => ({ id: station.device, name: fact.id, type: 'becalm', model: null, version: null, ip: null, hospital: fact.site, place: fact.label, date_creation: iso(fact.createdAtMs) })),
    // Without names: nobody signs in here.
    patients: () => inService().map(({ station, fact }) => ({ id: station.patient, first_name: '', last_name: '', location_hospital: fact.site, location_place: fact.label, date_creation: iso(fact.createdAtMs) })),
    async post(patient, device, rows) {
      const { station, fact } = ofPatient(patient)
      if (station.device !== device) throw new AppError('NOT_FOUND', `Patient ${patient} has no station ${device}.`)
      if (!Array.isArray(rows) || rows.length === 0 || rows.length > MOST_ROWS) throw new AppError('INVALID_REQUEST', `Send an array of 1 to ${MOST_ROWS} measures.`)
      const { good, refused } = readMeasures(rows)
      const stored = await store.keep(fact.no, topicOf({ site: fact.site, device: fact.id }, 'tele'), good, refused, clock.now())
      count('stored', stored)
      count('known', good.length - stored)
      for (const { why } of refused) count(`refused_${why}`, 1)
      return { stored, known: good.length - stored, refused: refused.map(({ row, why }) => ({ index: rows.indexOf(row), why })) }
    },
    async read(patient, fromMs, toMs) {
      const { fact } = ofPatient(patient)
      const to = toMs ?? clock.now()
      return [toMeasures(patient, await store.read(fact.no, fromMs ?? to - HOUR_MS, to, MOST_READ))]
    },
    async latest() {
      const all = inService()
      const rows = await store.latest(all.map(({ fact }) => fact.no), clock.now() - HOUR_MS, clock.now() + AHEAD_MS)
      return all.map(({ station, fact }) => toMeasures(station.patient, rows.filter((row) => row.device_no === fact.no))).filter(({ measures }) => measures.length > 0)
    },
  }
}

function toMeasures(patient: number, rows: readonly StoredMeasure[]): BecalmMeasures {
  return { id_patient: patient, measures: rows.map(({ type, value, t }) => ({ measure_type: type, measure_value: value, date_generation: iso(t) })) }
}
