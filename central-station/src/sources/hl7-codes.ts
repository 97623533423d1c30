import { AppError, type Clock, type CodeMapping, type Hl7Codes, type MappedCode, type SignalName, signalByName, type Stop } from '@vigil/contract'
import { toCatalogueUnit } from '@vigil/contract/hl7/index'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'
import { type KeptMessage, type Reader, unknownCodes } from './hl7-unknown.ts'

/** Port: what the bridge kept of a source, and what its own codes mean. */
export interface Hl7CodeStore {
  /** How a source is read, with the newest messages that hold unknown codes; `undefined` when the device is no source. */
  unknown(deviceId: string, limit: number): Promise<{ readonly reader: Reader; readonly messages: readonly KeptMessage[] } | undefined>
  mapped(deviceId: string): Promise<MappedCode[]>
  /** In force from `fromMs`; a code that meant something else before is read again from the beginning. */
  map(deviceId: string, mapping: { readonly code: string; readonly system: string; readonly signal: SignalName; readonly unit: string }, about: { readonly by: string; readonly fromMs: number; readonly rereadUntilMs: number }): Promise<void>
  /** No longer in force from `untilMs` on. */
  end(deviceId: string, code: string, system: string, untilMs: number): Promise<void>
  /** Reads some kept messages of one mapping again, in one transaction with what comes of them; false when there is nothing left to do. */
  reread(most: number, nowMs: number): Promise<boolean>
}

export interface Hl7CodeBook {
  /** @throws AppError NOT_FOUND */
  read(deviceId: string): Promise<Hl7Codes>
  /** @throws AppError NOT_FOUND, UNKNOWN_SIGNAL, INVALID_REQUEST */
  map(deviceId: string, mapping: CodeMapping, by: string): Promise<Hl7Codes>
  stop(): void
}

/** Bridges look at a source's settings every ten seconds: all of them know it by then. */
const IN_FORCE_AFTER_MS = 15_000
/** A message that came before is committed by then. */
const REREAD_FOR_MS = IN_FORCE_AFTER_MS + 60_000
const LOOK_EVERY_MS = 5_000
const NEWEST = 500
const AT_ONCE = 200

export function createHl7CodeBook({ store, health, clock, log }: { store: Hl7CodeStore; health: DurableHealth; clock: Clock; log: Log }): Hl7CodeBook {
  const read = async (deviceId: string): Promise<Hl7Codes> => {
    const found = await store.unknown(deviceId, NEWEST)
    if (!found) throw new AppError('NOT_FOUND', `${deviceId} is no HL7 source.`)
    const mapped = await store.mapped(deviceId)
    const known = new Set(mapped.map(({ code, system }) => `${code}^${system}`))
    return { unknown: unknownCodes(found.messages, found.reader).filter(({ code, system }) => !known.has(`${code}^${system}`)), mapped }
  }
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    try {
      while (health.state() === 'ok' && (await store.reread(AT_ONCE, clock.now())));
    } catch (err) {
      log.warn({ err }, 'hl7.not_read_again')
    }
  }
  const soon = () => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }
  const stopLooking: Stop = clock.every(LOOK_EVERY_MS, soon)
  return {
    read,
    async map(deviceId, { code, system, signal: name, unit = '' }, by) {
      const nowMs = clock.now()
      if (!(await store.unknown(deviceId, 1))) throw new AppError('NOT_FOUND', `${deviceId} is no HL7 source.`)
      if (name === null) await store.end(deviceId, code, system, nowMs + IN_FORCE_AFTER_MS)
      else {
        const signal = signalByName(name)
        if (!signal) throw new AppError('UNKNOWN_SIGNAL', `There is no signal ${name}. Use short names such as pr, spo2, temp.`, { details: { unknown: [name] } })
        if (unit !== '' && !toCatalogueUnit(1, [unit], signal.ucum).ok) throw new AppError('INVALID_REQUEST', `A value in ${unit} cannot be carried into ${signal.ucum}, the unit of ${signal.display}.`, { details: { field: 'unit' } })
        await store.map(deviceId, { code, system, signal: signal.name, unit }, { by, fromMs: nowMs + IN_FORCE_AFTER_MS, rereadUntilMs: nowMs + REREAD_FOR_MS })
        soon()
      }
      return read(deviceId)
    },
    stop: stopLooking,
  }
}
