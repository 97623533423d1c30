import { describe, expect, it } from 'vitest'
import { healthLines } from '../src/parts/health-lines.ts'
import { healthData } from './fake-central/health-data.ts'

describe('what a phone told, line by line', () => {
  const lines = healthLines(healthData.series)
  it('begins with what the mirror shows', () => expect(lines.map(({ metric }) => metric)).toEqual(['heart_rate', 'step_count', 'blood_pressure']))
  it('adds up what adds up, and means the rest', () => expect(lines.map(({ value, made }) => [value, made])).toEqual([[61, 'mean'], [1_893, 'total'], [undefined, 'single']]))
  it('writes blood pressure as it is written, and counts without a unit', () => expect(lines.map(({ pair, unit }) => [pair, unit])).toEqual([[undefined, '/min'], [undefined, ''], ['128/82', 'mmHg']]))
})
