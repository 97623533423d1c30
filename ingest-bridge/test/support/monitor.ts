import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFramer, latin1, latin1Bytes, toFrame } from '@vigil/contract/hl7/index'
import { until } from './until.ts'

const corpus = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'contract', 'test', 'hl7', 'data', 'authored')

export function authoredMessage(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(corpus, `${name}.hl7`)))
}

/** A heart rate of one bed, as a small monitor sends it. */
export function heartRate(id: string, value: number | string, { sender = 'MON^0011223344556677^EUI-64', at = '20260301120000+0000', more = '' } = {}): string {
  return `MSH|^~\\&|${sender}|F|||${at}||ORU^R01^ORU_R01|${id}|P|2.6\rPID|||SIM-1\rOBR|1|||VITALS|||${at}\rOBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.2.1.1|${value}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F\r${more}`
}

export interface Monitor {
  readonly socket: Socket
  /** Every answer so far, as text. */
  readonly answers: string[]
  send(message: string | Uint8Array): void
  /** Sends and waits for the next answer. */
  ask(message: string | Uint8Array): Promise<string>
  close(): void
}

/** A monitor that speaks MLLP to a port of this machine. */
export async function connectMonitor(port: number): Promise<Monitor> {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return monitorOn(socket)
}

/** A monitor on a connection that stands, whoever made it. */
export function monitorOn(socket: Socket): Monitor {
  socket.on('error', () => {})
  const answers: string[] = []
  const framer = createFramer({ onFault: () => undefined })
  socket.on('data', (chunk: Buffer) => answers.push(...framer.push(chunk).frames.map(latin1)))
  const send = (message: string | Uint8Array) => void socket.write(toFrame(typeof message === 'string' ? latin1Bytes(message) : message))
  return {
    socket,
    answers,
    send,
    async ask(message) {
      const before = answers.length
      send(message)
      await until(() => answers.length > before, 'an answer')
      return answers[before] as string
    },
    close: () => void socket.destroy(),
  }
}

/** `AA`, `CA` … of an answer. */
export function codeOf(answer: string): string | undefined {
  return /\rMSA\|(\w\w)/.exec(answer)?.[1]
}
