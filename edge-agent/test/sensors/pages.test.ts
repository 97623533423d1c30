import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { sensorPage } from '../../src/sensors/sensor-page.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { scan } from '../../src/sensors/scan.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { RegisterChip } from '../../src/sim/chips/register-chip.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { mcp9808 } from '../examples/mcp9808.ts'

const text = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describe('docs/sensors.md', () => {
  it('says what the registry says; npm run sensors-page writes it anew', () => {
    expect(text('docs/sensors.md')).toBe(sensorPage(sensorRegistry))
  })
})

class EmulatedMcp9808 extends RegisterChip {
  powerCycle(): void {}
  protected catchUp(): void {}
  protected override widthOf(): 2 {
    return 2
  }
  protected writeRegister(): void {}
  protected readRegister(register: number): number {
    return { 0x05: 0xc194, 0x06: 0x0054, 0x07: 0x0400 }[register] ?? 0
  }
}

describe('docs/adding-a-sensor.md', () => {
  const blocks = [...text('docs/adding-a-sensor.md').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  /** The page shows the files where they would stand in a board's own registry. */
  const asOnPage = (path: string, folder: string): string => text(path).replaceAll(`'../../src/sensors/`, `'${folder}`)

  it('shows the driver and the test that run here, word for word', () => {
    expect(blocks[0]).toBe(asOnPage('edge-agent/test/examples/mcp9808.ts', './'))
    expect(blocks[1]).toBe(text('edge-agent/test/examples/mcp9808.test.ts').replace(`'./mcp9808.ts'`, `'../../src/sensors/mcp9808.ts'`))
  })

  it('shows a driver of about forty lines', () => {
    expect((blocks[0] ?? '').trim().split('\n').length).toBeLessThanOrEqual(42)
  })

  it('tells the truth: with one more line in the registry, the chip is found beside the others', async () => {
    const clock = manualClock()
    const bus = createEmulatedBus()
    bus.attach(0x18, new EmulatedMcp9808(clock))
    bus.attach(0x48, new EmulatedTmp117({ clock, temperatureCel: () => 37 }))
    const found = await scan(bus, [...sensorRegistry, mcp9808])
    expect(found.map(({ address, definition }) => [address, definition?.model])).toEqual([[0x18, 'mcp9808'], [0x48, 'tmp117']])
    const sensor = await mcp9808.open(bus.open({ address: 0x18 }), { clock })
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'tamb', value: 25.25 }])
  })
})
