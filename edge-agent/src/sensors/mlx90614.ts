import { busFault, type I2c } from '../bus/i2c.ts'
import { defineSensor, type Sensor } from './define-sensor.ts'
import { absent, type Reading } from './reading.ts'
import { readBytes } from './registers.ts'
import { smbusPec } from './smbus-pec.ts'
import { unsigned16LittleEndian } from './words.ts'

// Names and values are those of the MLX90614 datasheet (Melexis 3901090614).
const Ram = { AMBIENT: 0x06, OBJECT_1: 0x07 } as const
const ERROR_FLAG = 0x8000
const KELVIN_PER_LSB = 0.02
const ZERO_CEL_KELVIN = 273.15
/** −70.01 and +382.19 °C: the ends of what the chip gives. */
const LOWEST = 0x27ad
const HIGHEST = 0x7fff

export const mlx90614 = defineSensor({
  model: 'mlx90614',
  description: 'Skin temperature without contact; the forehead differs from the body by some tenths of a degree: for screening only. Bus at 100 kHz at most',
  addresses: [0x5a],
  signals: [{ signal: 'tskin', unit: 'Cel' }],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,
  identity: 'A word of its memory with the SMBus check sum over address and command, which no other chip sends.',
  identify: async (i2c) => (await readWordWithPec(i2c, Ram.AMBIENT)) !== undefined,

  async open(i2c): Promise<Sensor> {
    return {
      reports: ['tskin'],
      async read(): Promise<Reading[]> {
        const raw = await readWordWithPec(i2c, Ram.OBJECT_1)
        if (raw === undefined) throw busFault(i2c.address, 'garbled')
        if (raw & ERROR_FLAG) return [absent('tskin', 'fault')]
        if (raw < LOWEST) return [absent('tskin', 'warmup')]
        if (raw === HIGHEST) return [absent('tskin', 'saturated')]
        return [{ kind: 'value', signal: 'tskin', value: raw * KELVIN_PER_LSB - ZERO_CEL_KELVIN }]
      },
      close: async () => {},
    }
  },
})

/** SMBus "read word": the word, or `undefined` when its packet error code does not fit. */
async function readWordWithPec(i2c: I2c, command: number): Promise<number | undefined> {
  const bytes = await readBytes(i2c, command, 3)
  const [low = 0, high = 0, pec] = bytes
  const write = i2c.address << 1
  return smbusPec([write, command, write | 1, low, high]) === pec ? unsigned16LittleEndian(bytes) : undefined
}
