// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contrast, distance, fullHex, leastDistance, nearest, signalColours, visions } from '../src/ui/palette-check.ts'

const css = readFileSync(new URL('../src/ui/css/tokens.css', import.meta.url), 'utf8')
/** Variables of a theme; later blocks win, as in the browser. */
function theme(name: 'dark' | 'light' | 'night'): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [, selector = '', body = ''] of css.matchAll(/([^{}]+)\{([^{}]+)\}/g)) {
    if (!selector.includes(`'${name}'`) && !/:root\s*$/.test(selector)) continue
    for (const [, key = '', value = ''] of body.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6})/g)) out[key] = value
  }
  return out
}
const signals = [...signalColours]
const pairs = <T>(list: readonly T[]) => list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b] as const))

describe('the palette', () => {
  it('is the one that was checked', () => {
    const [dark, light] = [theme('dark'), theme('light')]
    expect(signals.map((s) => dark[s])).toEqual(['#1FF056', '#4A88F7', '#FFFFFF', '#CBB9E4', '#D8683F'])
    expect(signals.map((s) => light[s])).toEqual(['#1D875A', '#073D88', '#111418', '#BA21ED', '#5C3A0A'])
  })

  it.each(['dark', 'light'] as const)('tells signals apart in the %s theme, for people who see all colours and for those who do not', (name) => {
    const colours = theme(name)
    for (const vision of visions) {
      for (const [a, b] of pairs(signals)) expect(distance(colours[a] as string, colours[b] as string, vision), `${a} ${b} ${vision}`).toBeGreaterThanOrEqual(leastDistance[vision])
    }
  })

  it('tells alarm priorities apart in every vision', () => {
    const colours = theme('dark')
    for (const vision of visions) {
      for (const [a, b] of pairs(['alarm-high', 'alarm-medium', 'alarm-low'])) expect(distance(colours[a] as string, colours[b] as string, vision), `${a} ${b} ${vision}`).toBeGreaterThanOrEqual(0.2)
    }
  })

  it.each(['dark', 'light'] as const)('is readable in the %s theme: 4.5:1 for text and numbers, 3:1 for controls and focus', (name) => {
    const c = theme(name)
    for (const ground of ['page', 'surface', 'raised']) {
      for (const text of ['text', 'text-2', 'text-3']) expect(contrast(c[text] as string, c[ground] as string), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      for (const control of ['control-line', 'accent']) expect(contrast(c[control] as string, c[ground] as string), `${control} on ${ground}`).toBeGreaterThanOrEqual(3)
    }
    for (const signal of signals) expect(Number(contrast(c[signal] as string, c['surface'] as string).toFixed(1)), signal).toBeGreaterThanOrEqual(4.5)
    expect(contrast(c['on-accent'] as string, c['accent'] as string)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(c['danger'] as string, c['surface'] as string)).toBeGreaterThanOrEqual(4.5)
  })

  it('keeps large numbers readable at night', () => {
    const c = theme('night')
    for (const ink of [...signals, 'text', 'text-2', 'text-3']) expect(contrast(c[ink] as string, c['surface'] as string), ink).toBeGreaterThanOrEqual(3)
  })

  it('shows the strips that concern trust with full contrast', () => {
    const c = theme('dark')
    for (const strip of ['waiting', 'blind', 'alarm-high', 'alarm-medium', 'alarm-low']) expect(contrast(c[strip] as string, c[`${strip}-text`] as string), strip).toBeGreaterThanOrEqual(4.5)
  })

  it('warns of a palette that fails: the usual cyan and lilac cannot be told apart by a green-blind person', () => {
    const worst = nearest('#4CC3FF', { temperature: '#C3A3FF', heart: '#1FF056' })
    expect(worst).toMatchObject({ other: 'temperature', vision: 'deutan', ok: false })
    expect(worst?.distance).toBeLessThan(0.05)
    expect(nearest('#4A88F7', { temperature: '#CBB9E4' })?.ok).toBe(true)
  })
  it.each(['dark', 'light'] as const)('as shipped raises no warning of its own in the %s theme', (name) => {
    const colours = theme(name)
    const of = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, colours[one] as string]))
    const alarms = of(['alarm-high', 'alarm-medium', 'alarm-low'])
    for (const signal of signals) expect(nearest(colours[signal] as string, of(signals.filter((other) => other !== signal)), alarms), signal).toMatchObject({ ok: true })
  })

  it('reads the short form of a colour, as a style sheet that was made small has it: white was "contrast NaN"', () => {
    expect(fullHex(' #fff')).toBe('#ffffff')
    expect(contrast('#000000', fullHex('#fff'))).toBeCloseTo(21)
    expect(fullHex('#1D875A')).toBe('#1D875A')
  })
})
