import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BodyReader, type Aggregation, type HealthEvent, type HealthRefusal, type HealthValue, type HealthWarning } from '../../src/health/index.ts'

export const dataFolder = join(import.meta.dirname, 'data')

export interface Reading {
  readonly values: HealthValue[]
  readonly events: HealthEvent[]
  readonly refused: { what: string; why: HealthRefusal }[]
  readonly warnings: HealthWarning[]
}

/** A body in pieces of so many characters; whole without. */
export function readBody(body: string, piece = body.length, aggregation?: Aggregation): Reading {
  const reading: Reading = { values: [], events: [], refused: [], warnings: [] }
  const reader = new BodyReader(
    {
      value: (value) => reading.values.push(value),
      event: (event) => reading.events.push(event),
      refused: (what, why) => reading.refused.push({ what, why }),
      warned: (warning) => reading.warnings.push(warning),
    },
    aggregation,
  )
  for (let at = 0; at < body.length; at += piece) reader.write(body.slice(at, at + piece))
  reader.end()
  return reading
}

export const bodyOf = (file: string): string => readFileSync(join(dataFolder, file), 'utf8')
