import { defineSensor, type Sensor } from './define-sensor.ts'
import { absent, type Reading } from './reading.ts'
import { readWord, writeByte } from './registers.ts'
import { signed16 } from './words.ts'

// Names and values are those of the MAX30205 datasheet (Maxim 19-8726).
const Register = { TEMPERATURE: 0x00, CONFIGURATION: 0x01, THYST: 0x02, TOS: 0x03 } as const
const POWER_ON = { THYST: 0x4b00, TOS: 0x5000 } as const
const CONTINUOUS_NORMAL_FORMAT = 0x00
const CELSIUS_PER_LSB = 1 / 256
/** Two's complement with the point after the first byte is valid here; beyond, the chip needs its extended format. */
const NORMAL_FORMAT_CEL = [0, 50] as const

export const max30205 = defineSensor({
  model: 'max30205',
  description: 'Clinical-grade body temperature, ±0.1 °C from 37 to 39 °C',
  // Strapped to supply or ground; straps to SCL and SDA give 24 more, which other chips use.
  addresses: [0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f],
  signals: [{ signal: 'temp', unit: 'Cel' }],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,

  /** The chip has no identity register: its two alarm thresholds, which no driver here changes, give it away. */
  identify: async (i2c) =>
    (await readWord(i2c, Register.THYST)) === POWER_ON.THYST && (await readWord(i2c, Register.TOS)) === POWER_ON.TOS,

  async open(i2c): Promise<Sensor> {
    await writeByte(i2c, Register.CONFIGURATION, CONTINUOUS_NORMAL_FORMAT)
    return {
      reports: ['temp'],
      async read(): Promise<Reading[]> {
        const raw = await readWord(i2c, Register.TEMPERATURE)
        // Exactly 0.0 °C is what the register holds from power-on to the first conversion.
        if (raw === 0) return [absent('temp', 'warmup')]
        const value = signed16(raw) * CELSIUS_PER_LSB
        const inRange = value >= NORMAL_FORMAT_CEL[0] && value <= NORMAL_FORMAT_CEL[1]
        return [{ kind: 'value', signal: 'temp', value, ...(!inRange && { question: 'range' as const }) }]
      },
      close: async () => {},
    }
  },
})
