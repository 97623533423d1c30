import { defineSensor, type Sensor } from './define-sensor.ts'
import { absent, type Reading } from './reading.ts'
import { readByte, readWord, writeByte } from './registers.ts'
import { signed16 } from './words.ts'

// Names and values are those of the MAX30205 datasheet (Maxim 19-8726).
const Register = { TEMPERATURE: 0x00, CONFIGURATION: 0x01, THYST: 0x02, TOS: 0x03 } as const
const POWER_ON = { THYST: 0x4b00, TOS: 0x5000 } as const
// One conversion for each reading: the bit that asks for it falls when the result is there, which nothing else tells.
const SHUTDOWN = 0x01
const ONE_SHOT = 0x80
const CELSIUS_PER_LSB = 1 / 256
/** Two's complement with the point after the first byte is valid here; beyond, the chip needs its extended format. */
const NORMAL_FORMAT_CEL = [0, 50] as const
/** An LM75 has the same thresholds but steps of an eighth of a degree or more: the lowest five bits are never set. */
const FINE_BITS = 0x1f
const COARSE_VALUES = 3
/** The converter is at one of its ends. */
const isSaturated = (raw: number): boolean => raw === 0x7fff || raw === 0x8000

export const max30205 = defineSensor({
  model: 'max30205',
  description: 'Clinical-grade body temperature, ±0.1 °C from 37 to 39 °C',
  // Strapped to supply or ground; straps to SCL and SDA give 24 more, which other chips use.
  addresses: [0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f],
  signals: [{ signal: 'temp', unit: 'Cel' }],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,

  // No driver here changes the two thresholds.
  identity: 'No identity register: its alarm thresholds at their power-on values, 75 and 80 °C. An LM75 has the same and is found out by its coarse steps.',
  identify: async (i2c) =>
    (await readWord(i2c, Register.THYST)) === POWER_ON.THYST && (await readWord(i2c, Register.TOS)) === POWER_ON.TOS,

  async open(i2c): Promise<Sensor> {
    const convert = (): Promise<void> => writeByte(i2c, Register.CONFIGURATION, SHUTDOWN | ONE_SHOT)
    await convert()
    let asked = 0
    const steps = createStepWatch()
    return {
      reports: ['temp'],
      async read(): Promise<Reading[]> {
        const configuration = await readByte(i2c, Register.CONFIGURATION)
        const raw = configuration === SHUTDOWN ? await readWord(i2c, Register.TEMPERATURE) : 0
        // A conversion takes 50 ms at most: one that has not ended by the second reading never will.
        asked = configuration & ONE_SHOT ? asked + 1 : 0
        if (asked !== 1) await convert()
        // Exactly 0.0 °C is what the register holds from power-on to the first conversion.
        if (raw === 0) return [absent('temp', asked > 1 ? 'fault' : 'warmup')]
        if (isSaturated(raw)) return [absent('temp', 'saturated')]
        const found = steps.look(raw)
        return found === 'coarse' ? [absent('temp', 'fault')] : [valueOf(raw, found === 'fine')]
      },
      close: () => writeByte(i2c, Register.CONFIGURATION, SHUTDOWN),
    }
  },
})

function valueOf(raw: number, proven: boolean): Reading {
  const value = signed16(raw) * CELSIUS_PER_LSB
  if (value < NORMAL_FORMAT_CEL[0] || value > NORMAL_FORMAT_CEL[1]) return { kind: 'value', signal: 'temp', value, question: 'range' }
  return { kind: 'value', signal: 'temp', value, ...(!proven && { question: 'calibrating' as const }) }
}

/** Whether the fine bits of a MAX30205 have been seen: `unknown` until then, `coarse` when several values had none. */
function createStepWatch(): { look(raw: number): 'fine' | 'coarse' | 'unknown' } {
  let fine = false
  const coarse = new Set<number>()
  return {
    look(raw) {
      fine ||= (raw & FINE_BITS) !== 0
      if (fine) return 'fine'
      return coarse.add(raw).size >= COARSE_VALUES ? 'coarse' : 'unknown'
    },
  }
}
