import { AppError, type Clock, type HealthAnswer, healthAnswerTopic, phoneOfTopic, statusOf } from '@vigil/contract'
import { digestOf, type Log } from '@vigil/program'
import { uuidv7 } from '../ids.ts'
import type { BrokerLink } from '../live/broker-link.ts'
import type { HealthImports } from './health-imports.ts'

export interface HealthByMqttOptions {
  readonly imports: Pick<HealthImports, 'takeFromPhone'>
  readonly publish: BrokerLink['publish']
  readonly clock: Clock
  readonly log: Log
}

/** Pieces an export is read in, as it would come over HTTP: between them others have their turn. */
const PIECE_BYTES = 64 * 1024

/**
 * Takes exports that phones say to the broker, one after the other, and answers when each is committed. The broker holds the phone's PUBACK until
 * then, and says an export again that has no answer: one that is being read already is not read twice.
 */
export function createHealthByMqtt({ imports, publish, clock, log }: HealthByMqttOptions): (message: { topic: string; payload: Uint8Array }) => void {
  const underWay = new Set<string>()
  let last: Promise<void> = Promise.resolve()

  const take = async (phone: string, payload: Uint8Array): Promise<Omit<HealthAnswer, 'of'>> => {
    const requestId = uuidv7(clock.now())
    try {
      return { outcome: 'stored', report: await imports.takeFromPhone(phone, { head: {}, origin: 'mqtt', requestId, body: piecesOf(payload) }) }
    } catch (error) {
      if (!(error instanceof AppError)) {
        log.error({ err: error, phone, requestId }, 'health.export_failed')
        return { outcome: 'again', code: 'INTERNAL', why: 'The central station could not take it. It tries again.' }
      }
      return { outcome: outcomeOf(error), code: error.code, why: error.message }
    }
  }

  return ({ topic, payload }) => {
    const phone = phoneOfTopic(topic)
    if (phone === undefined) return
    const of = digestOf(payload)
    const key = `${phone} ${of}`
    if (underWay.has(key)) return
    underWay.add(key)
    last = last.then(async () => {
      const answer: HealthAnswer = { of, ...(await take(phone, payload)) }
      underWay.delete(key)
      // Without an answer the broker says it again, and then nothing of it is new.
      await publish(healthAnswerTopic(phone), JSON.stringify(answer), { qos: 1 }).catch((err: unknown) => log.warn({ err, phone }, 'health.export_not_answered'))
    })
  }
}

/** What was refused for what it is stays refused; what failed here is worth another try. */
function outcomeOf({ code }: AppError): HealthAnswer['outcome'] {
  if (code === 'UNAUTHENTICATED') return 'ended'
  return code === 'TOO_MANY_REQUESTS' || statusOf(code) >= 500 ? 'again' : 'refused'
}

async function* piecesOf(payload: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < payload.byteLength; at += PIECE_BYTES) yield payload.subarray(at, at + PIECE_BYTES)
}
