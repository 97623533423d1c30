// @vitest-environment node
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const sources = globSync('src/**/*.{vue,ts,css}', { cwd: new URL('..', import.meta.url) }).map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(new URL(`../${file}`, import.meta.url), 'utf8') }))
const having = (pattern: RegExp, of = sources) => of.filter(({ text }) => pattern.test(text)).map(({ file }) => file).sort()

describe('rules of this app that a reader cannot see in one file', () => {
  it('only VitalValue prints a measured value', () => {
    expect(having(/format-vital/)).toEqual(['src/ui/VitalValue.vue'])
    const templates = sources.filter(({ file }) => file.endsWith('.vue') && !file.endsWith('/VitalValue.vue')).map(({ file, text }) => ({ file, text: /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? '' }))
    const printed = templates.map(({ file, text }) => ({ file, text: [...text.matchAll(/\{\{([\s\S]*?)\}\}/g)].map((m) => m[1]).join(';') }))
    expect(having(/\.v\b|\.toFixed|(?<!Math)\.(?:mean|min|max)\b|latest\[/, printed)).toEqual([])
  })

  it('a page address is written in one file', () => {
    const others = sources.filter(({ file }) => file !== 'src/paths.ts')
    expect(having(/['"`]\/(?:api|ward|patient|alarms|history|devices|admit|sign-in)\b/, others)).toEqual(['src/features/sign-in/safe-return.ts'])
    expect(having(/(?:\bto|href)="\//, others)).toEqual([])
  })

  it('parts see only what is below them: ui no features, api or live; no feature another feature', () => {
    const imports = sources.flatMap(({ file, text }) => [...text.matchAll(/from '(\.[^']*)'|import\('(\.[^']*)'\)/g)].map((m) => ({ file, to: new URL(m[1] ?? m[2] ?? '', `file:///${file}`).pathname.slice(1) })))
    expect(imports.length).toBeGreaterThan(300)
    const feature = (path: string) => /^src\/features\/([^/]+)\//.exec(path)?.[1]
    expect(imports.filter(({ file, to }) => file.startsWith('src/ui/') && /^src\/(features|api|live)\//.test(to))).toEqual([])
    expect(imports.filter(({ file, to }) => feature(file) && feature(to) && feature(file) !== feature(to))).toEqual([])
  })

  it('the clock is read in one file', () => {
    expect(having(/Date\.now|new Date\(\)|performance\.now|setTimeout|setInterval/)).toEqual(['src/browser-clock.ts'])
  })

  it('nothing needs a weaker content security policy: no HTML from strings, no inline style or script, no evaluation', () => {
    expect(having(/v-html|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\sstyle="/, sources.filter(({ file }) => !file.endsWith('.css')))).toEqual([])
    const page = readFileSync(new URL('../index.html', import.meta.url), 'utf8')
    expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
  })

  it('the colours of alarms are used by nothing but alarms', () => {
    const alarm = /#D3121B|#FFD21F|#3CD5E8|--alarm-/i
    expect(having(alarm)).toEqual(['src/ui/alarm/AlarmBadge.vue', 'src/ui/css/tokens.css'])
    expect(having(/--blind\b/)).toEqual(['src/shell/ConnectionStrip.vue', 'src/ui/css/tokens.css'])
  })

  it('schemas and their compiler stay out of the app: of the contract only light parts run in a browser', () => {
    const light = ['catalogue', 'clock', 'freshness', 'alarms/continuous', 'alarms/limits', 'alarms/monitoring', 'api/live-wire', 'messages/waveform', 'trend-steps']
    // `import { type X }` would still load the file for its side effects; only `import type` leaves nothing behind.
    const ran = sources.flatMap(({ text }) => [...text.matchAll(/^import (?!type )[^\n]*? from '@vigil\/contract\/?([^']*)'/gm)].map((m) => m[1]))
    expect(ran.length).toBeGreaterThan(5)
    expect(ran.filter((part) => !light.includes(part ?? ''))).toEqual([])
  })
})
