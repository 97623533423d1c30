import type { NewRecord, SpoolRecord } from './spool-store.ts'

/** What stands for samples that have to make room. `undefined`: they are too few for it to be shorter than they are. */
export type RollUp = (samples: readonly SpoolRecord[]) => { readonly standIn: NewRecord; readonly of: readonly SpoolRecord[] } | undefined

const MINUTE_MS = 60_000
/** Fewer samples in a minute are worth no roll-up: a board that sends so seldom loses its oldest as they are. */
const FEWEST = 4
const DIGITS = 4

interface Parsed {
  readonly t?: number
  readonly up?: number
  readonly own?: number
  readonly m?: Readonly<Record<string, number>>
  readonly q?: Readonly<Record<string, string>>
  readonly x?: Readonly<Record<string, string>>
}

/**
 * The samples of the oldest minute as one object: the mean of each value, the least and the greatest beside it, dated by the last of them.
 * A value that was questionable in one of them stays so; one that was absent in all of them keeps its reason.
 */
export const minuteRollUp: RollUp = (samples) => {
  const [oldest] = samples
  if (!oldest) return undefined
  const minute = minuteOf(oldest)
  const end = samples.findIndex((record) => minuteOf(record) !== minute)
  const of = end < 0 ? samples : samples.slice(0, end)
  if (of.length < FEWEST) return undefined
  const objects = of.map(({ body }) => JSON.parse(body) as Parsed)
  const last = objects.at(-1) as Parsed
  const values = new Map<string, number[]>()
  for (const { m = {} } of objects) for (const [name, value] of Object.entries(m)) values.set(name, [...(values.get(name) ?? []), value])
  const each = (make: (all: readonly number[]) => number): Record<string, number> => Object.fromEntries([...values].map(([name, all]) => [name, make(all)]))
  const remarks = (key: 'q' | 'x'): Record<string, string> => Object.assign({}, ...objects.map((object) => object[key] ?? {})) as Record<string, string>
  const q = remarks('q')
  const x = Object.fromEntries(Object.entries(remarks('x')).filter(([name]) => !values.has(name)))
  const body = JSON.stringify({
    ...(last.t === undefined ? { up: last.up, ...(last.own !== undefined && { own: last.own }) } : { t: last.t }),
    m: each((all) => Number((all.reduce((sum, one) => sum + one, 0) / all.length).toFixed(DIGITS))),
    ...(Object.keys(q).length > 0 && { q }),
    ...(Object.keys(x).length > 0 && { x }),
    over: { ms: MINUTE_MS, n: of.length, lo: each((all) => Math.min(...all)), hi: each((all) => Math.max(...all)) },
  })
  return { standIn: { kind: 'rollup', body, boot: oldest.boot }, of }
}

/** Minutes of different starts of the board, and of different clocks, are never the same. */
function minuteOf({ body, boot }: SpoolRecord): string {
  const [, clock = '', ms = '0'] = /^\{"(t|up)":(\d+)/.exec(body) ?? []
  return `${clock === 'up' ? boot : 't'}/${Math.floor(Number(ms) / MINUTE_MS)}`
}
