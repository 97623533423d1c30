import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Clock, isAppError, type Stop } from '@vigil/contract'
import { acknowledge, controlIdOf, createFramer, deliveryOf, readAlertStatus, readMessage, segment, toFrame } from '@vigil/contract/hl7/index'
import type { AddressGuard } from './address-guard.ts'
import { CONTROL_ID } from './hl7-message.ts'
import type { Channel, Target } from './outbound.ts'
import { delivered, type Outcome } from './outcome.ts'

export interface Hl7ChannelOptions {
  readonly guard: AddressGuard
  readonly clock: Clock
  /** A receiver told how far an alarm has come; it is answered when this is written down. */
  readonly onStatus: (targetId: string, about: { readonly no?: number | undefined; readonly subject?: string | undefined }, status: string) => Promise<void>
}

const CONNECT_WITHIN_MS = 5_000
/** IHE PCD: a receiver answers within 5 s; a busy one gets twice that. */
const ANSWER_WITHIN_MS = 10_000
const KEEPALIVE_MS = 30_000

/** HL7 v2 over MLLP: one connection per receiver, kept open, one message at a time, each done when it is acknowledged. */
export function hl7Channel({ guard, clock, onStatus }: Hl7ChannelOptions): Channel {
  const lines = new Map<string, MllpLine>()
  const close = (targetId: string): void => {
    lines.get(targetId)?.close()
    lines.delete(targetId)
  }
  return {
    async send(target, { no, body }) {
      const controlId = controlIdOf(no)
      try {
        let line = lines.get(target.id)
        if (!line?.open) {
          line = await openLine(target, guard, clock, (said, ofNo) => onStatus(target.id, { no: ofNo, subject: said.alarmId }, said.status))
          lines.set(target.id, line)
        }
        return await line.ask(body.replaceAll(CONTROL_ID, controlId), controlId)
      } catch (error) {
        close(target.id)
        return { kind: 'away', why: isAppError(error) || error instanceof Error ? error.message : 'no connection' }
      }
    },
    forget: close,
    stop: () => [...lines.keys()].forEach(close),
  }
}

interface MllpLine {
  readonly open: boolean
  ask(text: string, controlId: string): Promise<Outcome>
  close(): void
}

type Said = NonNullable<ReturnType<typeof readAlertStatus>>

async function openLine(target: Target, guard: AddressGuard, clock: Clock, onSaid: (said: Said, no: number | undefined) => Promise<void>): Promise<MllpLine> {
  const socket = await openSocket(target, guard, clock)
  const framer = createFramer({ onFault: () => undefined })
  let waiting: { controlId: string; done: (outcome: Outcome) => void } | undefined
  let open = true
  /** What was said first is written first. */
  let turn: Promise<void> = Promise.resolve()
  const lost = (): void => {
    open = false
    waiting?.done({ kind: 'away', why: 'the connection ended before the answer' })
  }
  socket.on('error', () => socket.destroy())
  socket.on('close', lost)
  socket.on('data', (chunk: Buffer) => {
    const { frames, close } = framer.push(chunk)
    for (const frame of frames) hear(frame)
    if (close) socket.destroy()
  })

  const hear = (frame: Uint8Array): void => {
    const reading = readMessage(frame)
    if (!reading.ok) return
    const said = readAlertStatus(reading.message)
    if (said) {
      turn = turn.then(async () => {
        const kind = await onSaid(said, deliveryOf(said.controlId)).then(() => 'stored' as const, () => 'later' as const)
        const answer = acknowledge({ inbound: frame, fate: { kind }, ownId: `S${clock.now().toString(36)}`.toUpperCase(), nowMs: clock.now() })
        if (answer && socket.writable) socket.write(toFrame(answer))
      })
      return
    }
    const msa = segment(reading.message, 'MSA')
    // An answer to something else, above all to what was given up for lack of one, is not this one's.
    if (msa && waiting && msa.text(2).trim() === waiting.controlId) waiting.done(outcomeOf(msa.text(1).trim(), msa.text(3).trim()))
  }

  return {
    get open() {
      return open && socket.writable
    },
    ask: (text, controlId) =>
      new Promise((resolve) => {
        const stop: Stop = clock.after(ANSWER_WITHIN_MS, () => {
          waiting?.done({ kind: 'away', why: 'no acknowledgement within 10 s' })
          socket.destroy()
        })
        waiting = {
          controlId,
          done(outcome) {
            stop()
            waiting = undefined
            resolve(outcome)
          },
        }
        socket.write(toFrame(new TextEncoder().encode(text)))
      }),
    close: () => void socket.destroy(),
  }
}

function outcomeOf(code: string, text: string): Outcome {
  if (code === 'AA' || code === 'CA') return delivered
  const why = `the receiver answered ${code}${text === '' ? '' : `, ${text.slice(0, 100)}`}`
  return code === 'AE' || code === 'CE' ? { kind: 'later', why } : { kind: 'never', why }
}

async function openSocket({ settings }: Target, guard: AddressGuard, clock: Clock): Promise<Socket> {
  const host = String(settings['host'])
  const { address } = await guard.resolve(host)
  const port = Number(settings['port'])
  return new Promise((resolve, reject) => {
    const secure = settings['tls'] === true
    const socket = secure ? connectTls({ host: address, port, servername: host, minVersion: 'TLSv1.2', ...(typeof settings['ca'] === 'string' && { ca: settings['ca'] }) }) : connect({ host: address, port })
    const giveUp = clock.after(CONNECT_WITHIN_MS, () => socket.destroy(Object.assign(new RangeError('no connection within 5 s'), { code: 'ETIMEDOUT' })))
    socket.once('error', reject)
    socket.once('close', giveUp)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      giveUp()
      socket.off('error', reject)
      socket.setNoDelay(true)
      socket.setKeepAlive(true, KEEPALIVE_MS)
      resolve(socket)
    })
  })
}
