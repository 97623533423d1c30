import { describe, expect, it } from 'vitest'
import { signalByName } from '@vigil/contract/catalogue'
import { absences } from '../../src/sensors/define-sensor.ts'
import { channels } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { emulations } from '../../src/sim/chips/emulations.ts'
import { chipBench } from '../support/chip-bench.ts'

/** Questions that a chip can only be asked by a command of two bytes, and that change nothing in it. */
const questions: Readonly<Record<string, readonly string[]>> = {
  sdp3x: ['367c', 'e102'],
  sdp8xx: ['367c', 'e102'],
  scd4x: ['e4b8'],
}
const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')

describe('the sensor registry', () => {
  it('names every model once', () => {
    const models = sensorRegistry.map(({ model }) => model)
    expect(new Set(models).size).toBe(models.length)
    for (const model of models) expect(model).toMatch(/^[a-z0-9]+$/)
  })

  it('has an emulation for every chip', () => {
    expect(Object.keys(emulations).sort()).toEqual(sensorRegistry.map(({ model }) => model).sort())
  })

  it('names look-alikes on both sides', () => {
    for (const { model, alike = [] } of sensorRegistry) for (const other of alike) expect(sensorRegistry.find((one) => one.model === other)?.alike).toContain(model)
  })
})

describe.each(sensorRegistry.map((definition) => [definition.model, definition] as const))('%s', (model, definition) => {
  it('sits at valid addresses, each named once', () => {
    expect(definition.addresses.length).toBeGreaterThan(0)
    expect(new Set(definition.addresses).size).toBe(definition.addresses.length)
    for (const address of definition.addresses) expect(address >= 0x08 && address <= 0x77).toBe(true)
  })

  it('measures signals of the catalogue in the catalogue\'s units', () => {
    for (const { signal, unit } of definition.signals) expect(signalByName(signal)?.ucum).toBe(unit)
    for (const signal of definition.feeds) expect(signalByName(signal)).toBeDefined()
    for (const { channel, hz } of definition.channels) {
      expect(channels[channel]).toBeDefined()
      expect(hz).toBeGreaterThan(0)
    }
    expect(definition.signals.length + definition.feeds.length).toBeGreaterThan(0)
  })

  it('tells in sentences how it is known and what a person must confirm', () => {
    for (const sentence of [definition.identity, definition.confirm ?? 'Nothing.']) expect(sentence).toMatch(/^[A-Z].*\.$/)
    for (const { minimum, maximum, default: usual } of Object.values(definition.options ?? {})) expect(usual >= minimum && usual <= maximum).toBe(true)
  })

  it('recognises its own chip and writes nothing but register pointers and questions to do so', async () => {
    for (const address of definition.addresses) {
      const { i2c, written } = chipBench(model, address)
      expect(await definition.identify(i2c)).toBe(true)
      for (const bytes of written) expect(bytes.length === 1 || questions[model]?.includes(hex(bytes)), hex(bytes)).toBe(true)
    }
  })

  it('goes on as it was when it is asked who it is in the middle of its work', async () => {
    for (const address of definition.addresses.slice(0, 2)) {
      const undisturbed = chipBench(model, address)
      const asked = chipBench(model, address)
      const [one, other] = [await undisturbed.open(definition), await asked.open(definition)]
      const first = [await undisturbed.readFor(one, definition, 12_000), await asked.readFor(other, definition, 12_000)]
      expect(first[1]).toEqual(first[0])
      asked.clock.advance(5)
      expect(await definition.identify(asked.i2c)).toBe(true)
      expect((await asked.readFor(other, definition, 12_000)).readings.length).toBeGreaterThan(0)
      const [before, after] = [await undisturbed.readFor(one, definition, 12_000), await asked.readFor(other, definition, 24_000)]
      expect(after.errors).toEqual(before.errors)
      expect(after.readings.filter(({ kind }) => kind === 'absent')).toEqual([])
      expect(after.readings.filter((reading) => reading.kind === 'block' && reading.gap)).toEqual([])
    }
  })

  it('takes no other chip for its own, but for those it says it cannot tell', async () => {
    for (const other of Object.keys(emulations).filter((name) => name !== model)) {
      for (const address of definition.addresses.slice(0, 2)) {
        const taken = await definition.identify(chipBench(other, address).i2c).catch(() => false)
        if (!isWeak(model, other)) expect(taken, other).toBe(definition.alike?.includes(other) === true)
      }
    }
  })

  it('reports only what it declares', async () => {
    const declared = [...definition.signals.map(({ signal }) => signal), ...definition.channels.map(({ channel }) => channel)]
    for (const address of definition.addresses) {
      const sensor = await chipBench(model, address).open(definition)
      expect(sensor.reports.length).toBeGreaterThan(0)
      for (const of of sensor.reports) expect(declared).toContain(of)
      expect(absences(sensor, 'fault')).toEqual(sensor.reports.map((of) => ({ kind: 'absent', of, reason: 'fault' })))
      await sensor.close()
    }
  })
})

/** The XGZP6897 has nothing that gives it away, so many a chip at its address would pass; none of the registry can be there. */
function isWeak(model: string, other: string): boolean {
  const shares = (address: number): boolean => sensorRegistry.find((one) => one.model === other)?.addresses.includes(address) === true
  const weak = sensorRegistry.find((one) => one.model === model)
  return model === 'xgzp6897' && weak?.confirm !== undefined && !weak.addresses.some(shares)
}
