// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { detailWords } from '../../src/features/audit/audit-detail.ts'

const parts: Record<string, string> = { delayS: 'delay', expiresInMinutes: 'for', reason: 'reason' }
const words = { name: (key: string) => parts[key], value: (key: string, text: string) => (text === 'false' ? 'no' : key === 'do' && text === 'restart' ? 'Restart' : undefined), condition: (name: string) => (name === 'low:spo2' ? 'SpO₂ low' : name), duration: (ms: number) => `${ms / 60_000} min`, dateTime: (ms: number) => new Date(ms).toISOString().slice(0, 10) }

describe('what a record of the audit says', () => {
  it('is read without braces and milliseconds, and leaves nothing out', () => {
    const said = detailWords({ before: { 'low:spo2': { value: 90, delayS: 30, priority: 'high' } }, limits: { 'low:spo2': null }, reason: 'Doctor’s order', expiresInMinutes: 480, from: Date.UTC(2026, 6, 14), until: '2026-07-15T08:00:00.000Z', condition: 'low:spo2', found: [], wards: ['east', 'west'], demo: false }, words)
    expect(said).toBe('before: SpO₂ low (value 90, delay 0.5 min, priority high) · limits: SpO₂ low – · reason: Doctor’s order · for: 480 min · from: 2026-07-14 · until: 2026-07-15 · condition: SpO₂ low · found: – · wards: east, west · demo: no')
    expect(detailWords({ from: String(Date.UTC(2026, 6, 14)), do: 'restart', version: 3 }, words)).toBe('from: 2026-07-14 · do: Restart · version: 3')
    expect(said).not.toMatch(/[{}[\]"]|\d{12,}/)
  })

  it('tells what was before what it became, in whichever order the record keeps them', () => {
    expect(detailWords({ beds: { after: ['02', '01'], before: ['01', '02'] }, name: { after: 'East', before: null } }, words)).toBe('beds: 01, 02 → 02, 01 · name: – → East')
    expect(detailWords({ kept: { before: 1, after: 2, by: 'li' } }, words)).toBe('kept: before 1, after 2, by li')
  })
})
