import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proposal } from '../../src/cli/scan.ts'
import { openSensorBus } from '../../src/platform/sensor-bus.ts'
import { readSensorsFile } from '../../src/platform/sensors-file.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { scan } from '../../src/sensors/scan.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

function read(content: unknown) {
  const path = join(temporaryFolder(), 'sensors.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readSensorsFile(path, sensorRegistry)
}

describe('the sensors file', () => {
  it('that a scan proposes is one that a run accepts', async () => {
    const { bus, sensors = [] } = await openSensorBus({ bus: '', emulate: '100001-left', emulateSensors: 'all' })
    const places = read(proposal(await scan(bus, sensorRegistry)))
    const asFitted = sensors.map(({ model, address }) => ({ model: model === 'max30105' ? 'max30102' : model, address, ...(model === 'xgzp6897' && { options: { range_kpa: 10 } }) }))
    expect(places).toEqual(asFitted)
  })

  it('takes addresses as people write them, and options', () => {
    expect(read({ sensors: [{ model: 'xgzp6897', address: '0x6d', options: { range_kpa: 4 } }, { model: 'tmp117', address: 72 }] })).toEqual([
      { model: 'xgzp6897', address: 0x6d, options: { range_kpa: 4 } },
      { model: 'tmp117', address: 0x48 },
    ])
  })

  it.each([
    ['no JSON', '{', 'cannot be read'],
    ['something else', { list: [] }, 'must hold {"sensors"'],
    ['an unknown model', { sensors: [{ model: 'tmp118', address: '0x48' }] }, 'model must be one of max30102'],
    ['a wrong address', { sensors: [{ model: 'tmp117', address: '0x40' }] }, 'a tmp117 sits at 0x48, 0x49'],
    ['an unknown key', { sensors: [{ model: 'tmp117', address: '0x48', place: 'ear' }] }, 'there is no place'],
    ['a wrong option', { sensors: [{ model: 'xgzp6897', address: '0x6d', options: { range_kpa: 'ten' } }] }, 'range_kpa must be a number from 0.5 to 260'],
    ['an option that is none', { sensors: [{ model: 'tmp117', address: '0x48', options: { range_kpa: 1 } }] }, 'a tmp117 has no option range_kpa'],
    ['one address twice', { sensors: [{ model: 'tmp117', address: '0x48' }, { model: 'max30205', address: '0x48' }] }, 'two sensors cannot have the same address'],
  ])('with %s is refused with a sentence', (_what, content, why) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining(why) }) as Error)
  })
})

describe('the choice of emulated sensors', () => {
  it('takes models with or without addresses', async () => {
    const opened = await openSensorBus({ bus: '', emulate: '100001-left', emulateSensors: 'max30100,bmp280@0x77' })
    expect(opened.sensors).toEqual([{ model: 'max30100', address: 0x57 }, { model: 'bmp280', address: 0x77 }])
  })

  it('refuses what it does not have', async () => {
    await expect(openSensorBus({ bus: '', emulate: '100001-left', emulateSensors: 'tmp117@0x20' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' })
  })
})
