import type { Clock } from '@vigil/contract'
import { vitalsOf } from './bedside-vitals.ts'
import { connectMllp, type MllpClient } from './mllp-client.ts'
import { monitorMessage } from './monitor-message.ts'

export interface MonitorsOptions {
  readonly host: string
  readonly port: number
  readonly beds: number
  readonly seconds: number
  readonly wave: boolean
  readonly clock: Clock
  readonly tell: (line: string) => void
}

export interface MonitorsReport {
  readonly sent: number
  /** Answers by code; `lost` for those whose connection ended first. */
  readonly answers: Readonly<Record<string, number>>
  /** Milliseconds from a message to its answer. */
  readonly answerMs: { readonly p50: number; readonly p95: number; readonly max: number }
}

const SECOND_MS = 1_000

/** A ward of monitors, each with its connection and a message a second. One that loses its connection comes back the next second. */
export async function runMonitors({ host, port, beds, seconds, wave, clock, tell }: MonitorsOptions): Promise<MonitorsReport> {
  const answers = new Map<string, number>()
  const took: number[] = []
  const clients: (MllpClient | undefined)[] = Array.from({ length: beds })
  const run = clock.now().toString(36).toUpperCase()
  const open: Promise<void>[] = []
  let sent = 0
  let down = false

  const send = async (bed: number, second: number): Promise<void> => {
    try {
      const client = (clients[bed - 1] ??= await connectMllp(host, port))
      const beganAt = clock.monotonic()
      const atMs = clock.now()
      sent++
      const code = await client.send(monitorMessage({ bed, controlId: `${run}-${bed}-${second}`, atMs, vitals: vitalsOf(bed, atMs), wave }))
      answers.set(code, (answers.get(code) ?? 0) + 1)
      took.push(clock.monotonic() - beganAt)
      if (down) tell('Connected again.')
      down = false
    } catch (error) {
      clients[bed - 1] = undefined
      answers.set('lost', (answers.get('lost') ?? 0) + 1)
      if (!down) tell(`Not connected: ${error instanceof Error ? error.message : String(error)}`)
      down = true
    }
  }

  for (let second = 0; second < seconds; second++) {
    for (let bed = 1; bed <= beds; bed++) open.push(send(bed, second))
    await new Promise<void>((resolve) => void clock.after(SECOND_MS, resolve))
    if (second % 10 === 9) tell(`${second + 1} s: ${sent} messages, answers ${JSON.stringify(Object.fromEntries(answers))}`)
  }
  await Promise.all(open)
  for (const client of clients) client?.close()
  return { sent, answers: Object.fromEntries(answers), answerMs: summary(took) }
}

function summary(took: readonly number[]): MonitorsReport['answerMs'] {
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 10) / 10
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
