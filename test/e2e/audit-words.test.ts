import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const sources = readdirSync(join(root, 'central-station/src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => read(`central-station/src/${name}`))

/** What the central station writes into the audit: of routes, and of what is recorded with a change. */
const actions = [...new Set(sources.flatMap((text) => [...text.matchAll(/\baudit: '([a-z0-9_.]+)'|\brecord(?:Of)?\([^;]{0,80}?, '([a-z0-9_]+\.[a-z_]+)'|\baction: '([a-z0-9_]+\.[a-z_]+)'/g)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')))].sort()

describe('the audit page', () => {
  it.each(['en', 'es', 'pl', 'zh'])('has words for everything the central station records (%s)', (language) => {
    const words = (JSON.parse(read(`web-client/src/i18n/${language}/device.json`)) as { action: Record<string, string> }).action
    expect(actions.length).toBeGreaterThan(60)
    expect(actions).toEqual(expect.arrayContaining(['user.reset', 'glass.break', 'session.open', 'hl7_source.change']))
    expect(actions.filter((action) => !(action.replaceAll('.', '_') in words))).toEqual([])
  })
})
