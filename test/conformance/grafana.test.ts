import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

/** Names of the metrics a program registers, as they stand in its source; the bridge puts its own beginning before them. */
function registered(): ReadonlySet<string> {
  const names = new Set<string>()
  for (const folder of ['broker/src', 'central-station/src', 'ingest-bridge/src']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      const text = readFileSync(join(ROOT, folder, file), 'utf8')
      for (const [, name] of text.matchAll(/'(vigil_[a-z0-9_]+)'/g)) names.add(name as string)
      if (folder.startsWith('ingest')) for (const [, name] of text.matchAll(/\b(?:counter|gauge)\('([a-z0-9_]+)'/g)) names.add(`vigil_bridge_${name}`)
    }
  }
  return names
}

it('every metric the Grafana dashboard draws exists', () => {
  const { panels } = JSON.parse(readFileSync(join(ROOT, 'ops', 'grafana', 'vigil.json'), 'utf8')) as { panels: readonly Panel[] }
  const known = registered()
  expect(panels.length).toBeGreaterThan(10)
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      const drawn = [...expr.matchAll(/\bvigil_[a-z0-9_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
      for (const name of drawn) expect(known, `${title}: ${name}`).toContain(name)
      // What is not ours comes with the client library.
      if (drawn.length === 0) expect(expr).toMatch(/^process_/)
    }
  }
})
