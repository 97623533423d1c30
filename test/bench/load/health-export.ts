import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Metrics of an export and how a row of each is written; the last two digits of `k` vary the values. */
const METRICS: readonly (readonly [name: string, units: string, row: (date: string, k: number) => string])[] = [
  ['step_count', 'count', (date, k) => `{"source":"Apple Watch|iPhone","date":"${date}","qty":${(k % 500) / 10 + 1}}`],
  ['heart_rate', 'bpm', (date, k) => `{"date":"${date}","Min":${60 + (k % 20)},"Avg":${66 + (k % 20)}.5,"Max":${80 + (k % 20)},"source":"Apple Watch"}`],
  ['active_energy', 'kcal', (date, k) => `{"source":"Apple Watch|iPhone","date":"${date}","qty":${(k % 300) / 100}}`],
  ['walking_speed', 'km/hr', (date, k) => `{"source":"iPhone","date":"${date}","qty":${3 + (k % 40) / 10}}`],
  ['blood_oxygen_saturation', '%', (date, k) => `{"source":"Apple Watch","date":"${date}","qty":${92 + (k % 8)}}`],
]
const FROM_MS = Date.UTC(2024, 0, 1)
const APART_MS = 60_000
const PIECE_CHARS = 1 << 20

export interface WrittenExport {
  readonly rows: number
  readonly bytes: number
}

/** Writes an export as the app *Health Auto Export* does: every metric with a row a minute. */
export async function writeExport(path: string, rows: number): Promise<WrittenExport> {
  const file = createWriteStream(path)
  const each = Math.ceil(rows / METRICS.length)
  let [text, bytes] = ['{"data":{"metrics":[', 0]
  const flush = async () => {
    bytes += text.length
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  for (const [i, [name, units, row]] of METRICS.entries()) {
    text += `${i > 0 ? ',' : ''}{"name":"${name}","units":"${units}","data":[`
    for (let k = 0; k < each; k++) {
      const date = `${new Date(FROM_MS + k * APART_MS).toISOString().slice(0, 19).replace('T', ' ')} +0100`
      text += `${k > 0 ? ',' : ''}${row(date, k)}`
      if (text.length > PIECE_CHARS) await flush()
    }
    text += ']}'
  }
  text += ']}}'
  await flush()
  file.end()
  await once(file, 'close')
  return { rows: each * METRICS.length, bytes }
}
