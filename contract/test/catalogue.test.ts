import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { coreSignals, signalByCode, signalByName, signals, wireSignals } from '../src/catalogue.ts'

describe('the signal catalogue', () => {
  it('has a wire name for every signal of the catalogue file, and no other', () => {
    const file = JSON.parse(readFileSync(join(import.meta.dirname, '../src/signal-catalogue.json'), 'utf8')) as { key: string }[]
    const own = ['resp_rate_ppg', 'battery', 'rssi']
    expect(Object.values(wireSignals).map(([, key]) => key).sort()).toEqual([...file.map((s) => s.key), ...own].sort())
  })

  it('gives each signal a number of its own that fits a byte', () => {
    const codes = signals.map((s) => s.code)
    expect(new Set(codes).size).toBe(codes.length)
    expect(Math.max(...codes)).toBeLessThan(256)
    for (const s of signals) expect(signalByCode(s.code)).toBe(signalByName(s.name))
  })

  it('states a unit and a plausible range for each', () => {
    for (const s of signals) {
      expect(s.ucum).not.toBe('')
      expect(s.plausible[0]).toBeLessThan(s.plausible[1])
    }
  })

  it('keeps the stored numbers of the core signals for ever', () => {
    expect(coreSignals.map((name) => `${name}=${signalByName(name)?.code}`).join(' ')).toBe(
      'hr=1 pr=2 spo2=3 pi=4 rr=8 temp=5 tskin=7 paw=18 pip=19 peep=22 sys=9 dia=10 map=11 etco2=15 co2=24 rrppg=42',
    )
  })

  it('agrees with the columns of the sample table', () => {
    const sql = readFileSync(join(import.meta.dirname, '../../migrations/0002_samples_and_ledger.sql'), 'utf8')
    const table = /create table sample \(([\s\S]*?)\) partition/.exec(sql)?.[1] ?? ''
    const columns = [...table.matchAll(/(\w+) real/g)].map((m) => m[1])
    expect(columns).toEqual([...coreSignals])
  })
})
