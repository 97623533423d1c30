// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

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
const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
type RGB = [number, number, number]
const rgb = (hex: string): RGB => [1, 3, 5].map((i) => linear(parseInt(hex.slice(i, i + 2), 16) / 255)) as RGB
const luminance = ([r, g, b]: RGB) => 0.2126 * r + 0.7152 * g + 0.0722 * b
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(rgb(a)), luminance(rgb(b))]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}
// Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
const visions: Record<string, readonly number[]> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}
function oklab(hex: string, vision: string): RGB {
  const [r, g, b] = rgb(hex)
  const m = visions[vision] as number[]
  const seen = [0, 3, 6].map((i) => Math.min(1, Math.max(0, (m[i] as number) * r + (m[i + 1] as number) * g + (m[i + 2] as number) * b))) as RGB
  const [R, G, B] = seen
  const l = Math.cbrt(0.4122214708 * R + 0.5363325363 * G + 0.0514459929 * B)
  const M = Math.cbrt(0.2119034982 * R + 0.6806995451 * G + 0.1073969566 * B)
  const s = Math.cbrt(0.0883024619 * R + 0.2817188376 * G + 0.6299787005 * B)
  return [0.2104542553 * l + 0.793617785 * M - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * M + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * M - 0.808675766 * s]
}
// In tritan vision (about one person in ten thousand) the closest pair is nearer; label and line style tell those apart.
const least: Record<string, number> = { normal: 0.17, protan: 0.17, deutan: 0.17, tritan: 0.14 }
const distance = (a: string, b: string, vision: string) => Math.hypot(...oklab(a, vision).map((v, i) => v - (oklab(b, vision)[i] as number)))
const signals = ['heart', 'oxygen', 'breath', 'temperature', 'pressure']
const pairs = <T>(list: readonly T[]) => list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b] as const))

describe('the palette', () => {
  it('is the one that was checked', () => {
    const [dark, light] = [theme('dark'), theme('light')]
    expect(signals.map((s) => dark[s])).toEqual(['#1FF056', '#4A88F7', '#FFFFFF', '#CBB9E4', '#D8683F'])
    expect(signals.map((s) => light[s])).toEqual(['#1D875A', '#073D88', '#111418', '#BA21ED', '#5C3A0A'])
  })

  it.each(['dark', 'light'] as const)('tells signals apart in the %s theme, for people who see all colours and for those who do not', (name) => {
    const colours = theme(name)
    for (const vision of Object.keys(visions)) {
      for (const [a, b] of pairs(signals)) expect(distance(colours[a] as string, colours[b] as string, vision), `${a} ${b} ${vision}`).toBeGreaterThanOrEqual(least[vision] as number)
    }
  })

  it('tells alarm priorities apart in every vision', () => {
    const colours = theme('dark')
    for (const vision of Object.keys(visions)) {
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
})
