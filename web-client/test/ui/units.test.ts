import { describe, expect, it } from 'vitest'
import { catalogueUnits, unitsFor, type UnitChoice } from '../../src/ui/units.ts'
import { formatVital } from '../../src/ui/format-vital.ts'
import { byName, openApp } from '../support/open-app.ts'

const shown = (choice: Partial<UnitChoice>, signal: string, value: number) => {
  const units = unitsFor(() => ({ ...catalogueUnits, ...choice }))
  return `${formatVital(units, signal, value)} ${units.unitOf(signal)}`
}

describe('units a person chose', () => {
  it('change what is printed, with the decimals that unit needs', () => {
    expect([shown({}, 'temp', 36.84), shown({ temperature: '[degF]' }, 'temp', 36.84), shown({ temperature: '[degF]' }, 'tskin', 39)]).toEqual(['36.8 °C', '98.3 °F', '102.2 °F'])
    expect([shown({}, 'peep', 5), shown({ airway: 'kPa' }, 'peep', 5), shown({ airway: 'mm[Hg]' }, 'peep', 5)]).toEqual(['5.0 cmH₂O', '0.49 kPa', '3.7 mmHg'])
    expect([shown({}, 'sys', 120), shown({ blood: 'kPa' }, 'sys', 120), shown({ blood: 'kPa' }, 'etco2', 38)]).toEqual(['120 mmHg', '16.0 kPa', '5.1 kPa'])
  })

  it('leave every other signal alone', () => {
    for (const signal of ['pr', 'spo2', 'rr', 'pi']) expect(shown({ temperature: '[degF]', airway: 'kPa', blood: 'kPa' }, signal, 50)).toBe(shown({}, signal, 50))
  })

  it('hold on the wall at once, and limits say both', async () => {
    const { services, router, until } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(document.querySelector('.tile')?.textContent).toContain('°C'))
    services.preferences.units.temperature = '[degF]'
    await until(() => expect(document.querySelector('.tile')?.textContent).toContain('°F'))
    await router.push('/patient/00000000-0000-7000-8000-000000002005/limits')
    await until(() => expect([...document.querySelectorAll('.limit')].find((line) => line.textContent?.includes('102.2'))?.textContent).toContain('°C = 102.2 °F'))
  })
})

describe('the palette of this screen', () => {
  it('is checked as it is chosen, applied at once, and put back by one press', async () => {
    const { services, until } = await openApp({ path: '/settings' })
    await until(() => expect(document.querySelectorAll('.palette li')).toHaveLength(5))
    const heart = byName('.palette-pick input', /Heart/) as HTMLInputElement
    heart.value = '#151a22'
    heart.dispatchEvent(new Event('input', { bubbles: true }))
    await until(() => expect(document.documentElement.style.getPropertyValue('--heart')).toBe('#151a22'))
    expect(services.preferences.palette.dark.heart).toBe('#151a22')
    await until(() => byName('button', 'Back to the shipped colours').click())
    await until(() => expect(document.documentElement.style.getPropertyValue('--heart')).toBe(''))
  })
})
