import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFramer, type MessageReading, messagesIn, readMessage } from '../../src/hl7/index.ts'

const folder = join(import.meta.dirname, 'data')

export interface Expected {
  readonly name: string
  readonly file: string
  readonly framed: boolean
  readonly messages: number
  readonly ack: string | null
  readonly ack_any: readonly string[] | null
  readonly err: number | null
  readonly observations: readonly Readonly<Record<string, unknown>>[] | null
  readonly alarm: Readonly<Record<string, unknown>> | null
}

export function authored(): readonly Expected[] {
  return JSON.parse(readFileSync(join(folder, 'authored', 'expect.json'), 'utf8')) as Expected[]
}

export function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, file)))
}

export interface IndexEntry {
  readonly file: string
  readonly kind: string
}

export function publicFiles(): readonly IndexEntry[] {
  return readFileSync(join(folder, 'index.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as IndexEntry)
}

export interface Baseline {
  readonly ok: boolean
  readonly cid?: string | null
  readonly obx?: readonly (readonly [string, string])[] | number | null
}

export function baseline(name: string): Readonly<Record<string, Baseline>> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, Baseline>
}

/** Messages of a file as a connection would give them: frames cut where there are frames, batches taken apart. */
export function messagesOf(bytes: Uint8Array): readonly Uint8Array[] {
  return framesOf(bytes).flatMap(messagesIn)
}

function framesOf(bytes: Uint8Array): readonly Uint8Array[] {
  if (!bytes.includes(0x0b)) return [bytes]
  const framer = createFramer({ onFault: () => undefined })
  const { frames } = framer.push(bytes)
  framer.end()
  return frames
}

export function readings(bytes: Uint8Array): readonly MessageReading[] {
  return messagesOf(bytes).map((each) => readMessage(each))
}
