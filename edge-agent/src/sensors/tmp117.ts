import { defineSensor, type Sensor } from './define-sensor.ts'
import { absent, type Reading } from './reading.ts'
import { readWord, writeWord } from './registers.ts'
import { signed16 } from './words.ts'

// Names and bits are those of the TMP117 datasheet (TI SNOSD82), so a reviewer can check them.
const Register = { TEMP_RESULT: 0x00, CONFIGURATION: 0x01, DEVICE_ID: 0x0f } as const
const DEVICE_ID = 0x117
const DATA_READY = 1 << 13
// Continuous, 32 averages, no pause: a result every 500 ms, so one per reading is always new.
const CONTINUOUS_32_AVERAGES = 0x0040
const NEVER_CONVERTED = 0x8000
/** +256 °C less a step: the converter is at its end. */
const SATURATED = 0x7fff
const CELSIUS_PER_LSB = 0.0078125
// Six conversions without a result: the chip has been shut down or has lost its settings.
const STALLED_AFTER_MS = 3_000

export const tmp117 = defineSensor({
  model: 'tmp117',
  description: 'Clinical-grade skin or body temperature, ±0.1 °C',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  signals: [{ signal: 'temp', unit: 'Cel' }],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,

  identity: 'Register 0x0F holds 0x117 in its lower twelve bits.',
  identify: async (i2c) => ((await readWord(i2c, Register.DEVICE_ID)) & 0xfff) === DEVICE_ID,

  async open(i2c, { clock }): Promise<Sensor> {
    const configure = () => writeWord(i2c, Register.CONFIGURATION, CONTINUOUS_32_AVERAGES)
    await configure()
    let readyAtMs = clock.monotonic()
    // From then on the register holds an old result until a conversion ends again.
    let stalled = false
    return {
      reports: ['temp'],
      async read(): Promise<Reading[]> {
        // Reading either register clears the flag, so it says whether a conversion ended since the last call.
        const ready = ((await readWord(i2c, Register.CONFIGURATION)) & DATA_READY) !== 0
        const raw = await readWord(i2c, Register.TEMP_RESULT)
        if (ready) {
          readyAtMs = clock.monotonic()
          stalled = false
        } else if (clock.monotonic() - readyAtMs > STALLED_AFTER_MS) {
          await configure()
          readyAtMs = clock.monotonic()
          stalled = true
        }
        if (stalled) return [absent('temp', 'fault')]
        // −256 °C stands in the register until the first conversion has ended.
        if (raw === NEVER_CONVERTED) return [absent('temp', 'warmup')]
        if (raw === SATURATED) return [absent('temp', 'saturated')]
        return [{ kind: 'value', signal: 'temp', value: signed16(raw) * CELSIUS_PER_LSB }]
      },
      close: async () => {},
    }
  },
})
