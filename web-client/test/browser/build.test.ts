// @vitest-environment node
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { builtApp } from './built-app.ts'

let dist: string
let files: Map<string, string>
beforeAll(async () => {
  dist = await builtApp()
  const assets = join(dist, 'assets')
  files = new Map(await Promise.all((await readdir(assets)).map(async (name) => [name, await readFile(join(assets, name), 'utf8')] as const)))
}, 120_000)

/** Everything a chunk loads before it runs, itself included. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  const text = files.get(name) ?? ''
  for (const [, other] of text.matchAll(/(?:from|^import|;import)\s*"\.\/([\w.-]+\.js)"/g)) withImports(other as string, seen)
  return seen
}
const chunk = (start: string) => [...files.keys()].find((name) => name.startsWith(start) && name.endsWith('.js')) as string
const scripts = () => [...files].filter(([name]) => name.endsWith('.js'))

describe('the built app', () => {
  it('brings the wall in at most 200 KB of compressed script, asked for at once', async () => {
    const loaded = withImports(chunk('index-'))
    // One round trip brings all of it: the page names every file that is needed.
    const page = await readFile(join(dist, 'index.html'), 'utf8')
    for (const name of loaded) expect(page).toContain(`/assets/${name}`)
    expect([...loaded].map((name) => files.get(name)).join('')).toContain('wall-grid')
    const bytes = [...loaded].reduce((sum, name) => sum + gzipSync(files.get(name) ?? '').length, 0)
    expect(bytes).toBeLessThanOrEqual(200 * 1024)
    expect(bytes).toBeGreaterThan(50 * 1024)
  })

  it('loads charts only where a chart is shown', () => {
    const charts = scripts().filter(([, text]) => text.includes('LineController') || text.includes('afterDatasetsDraw')).map(([name]) => name)
    expect(charts).toEqual([chunk('TrendChart-')])
    for (const entry of ['index-', 'wall-', 'PatientPage-', 'LiveTab-', 'TrendsTab-', 'HistoryPage-']) expect([...withImports(chunk(entry))], entry).not.toContain(charts[0])
  })

  it('evaluates no text as code, carries no schema compiler, and needs no inline script or style', async () => {
    for (const [name, text] of scripts()) expect(text, name).not.toMatch(/\bFunction\((?!\w+[,)])|new [\w.]*Function\(|\beval\(|unevaluatedProperties/)
    const page = await readFile(join(dist, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|data:/)
  })

  it('talks to nobody but its own origin', () => {
    // Namespaces, links in messages of the libraries, and the base the router parses addresses against: none is called.
    const hosts = scripts().flatMap(([, text]) => [...text.matchAll(/["'`](?:https?|wss?):\/\/([a-z0-9.-]+)/gi)].map((m) => m[1]))
    expect([...new Set(hosts)].filter((host) => !['www.w3.org', 'vuejs.org', 'router.vuejs.org', 'vue-i18n.intlify.dev', 'github.com', 'example.com'].includes(host ?? ''))).toEqual([])
  })
})
