import { defineSensor, type Sensor } from '../../src/sensors/define-sensor.ts'
import { absent, type Reading } from '../../src/sensors/reading.ts'
import { readWord } from '../../src/sensors/registers.ts'

// Names and values are those of the MCP9808 datasheet (Microchip DS25095).
const Register = { AMBIENT: 0x05, MANUFACTURER_ID: 0x06, DEVICE_ID: 0x07 } as const
const MANUFACTURER_ID = 0x0054
const DEVICE_ID = 0x04
const CELSIUS_PER_LSB = 1 / 16

export const mcp9808 = defineSensor({
  model: 'mcp9808',
  description: 'Temperature of the room, ±0.25 °C',
  addresses: [0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f],
  signals: [{ signal: 'tamb', unit: 'Cel' }],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,
  identity: 'Registers 0x06 and 0x07 hold the numbers of the maker and the part.',
  identify: async (i2c) =>
    (await readWord(i2c, Register.MANUFACTURER_ID)) === MANUFACTURER_ID && (await readWord(i2c, Register.DEVICE_ID)) >> 8 === DEVICE_ID,

  async open(i2c): Promise<Sensor> {
    return {
      reports: ['tamb'],
      async read(): Promise<Reading[]> {
        const raw = await readWord(i2c, Register.AMBIENT)
        // Zero with no flag is what the register holds until the first conversion, 250 ms after power-on.
        if (raw === 0) return [absent('tamb', 'warmup')]
        const value = (((raw & 0x1fff) << 19) >> 19) * CELSIUS_PER_LSB
        return [{ kind: 'value', signal: 'tamb', value }]
      },
      close: async () => {},
    }
  },
})
