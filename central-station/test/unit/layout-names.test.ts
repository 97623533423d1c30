import { describe, expect, it } from 'vitest'
import { nameFrom } from '../../src/wards/layout-names.ts'

describe('the name of a ward or bed in addresses', () => {
  const free = () => false
  it.each([
    ['Ward 3 East', 'ward-3-east'],
    ['  Señal / Ñu  ', 'senal-nu'],
    ['Oddział Łóżek', 'oddzia-ozek'],
    ['三病区', 'ward'],
    ['x'.repeat(100), 'x'.repeat(60)],
  ])('%s: %s', (words, name) => expect(nameFrom(words, 'ward', free)).toBe(name))

  it('is counted on while it is taken', () => {
    const taken = new Set(['east-01', 'east-01-2'])
    expect(nameFrom('east-01', 'bed', (name) => taken.has(name))).toBe('east-01-3')
  })
})
