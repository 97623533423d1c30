import { busFault, type I2c } from '../bus/i2c.ts'
import { absences, defineSensor, type Sensor } from './define-sensor.ts'
import type { Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { unsigned16BigEndian } from './words.ts'

// Names and values are those of the CCS811 datasheet (ams/ScioSense CC-000619).
const Register = { STATUS: 0x00, MEAS_MODE: 0x01, ALG_RESULT_DATA: 0x02, HW_ID: 0x20, HW_VERSION: 0x21, ERROR_ID: 0xe0, APP_START: 0xf4 } as const
const HW_ID = 0x81
const Status = { FW_MODE: 0x80, APP_VALID: 0x10, DATA_READY: 0x08, ERROR: 0x01 } as const
const EVERY_SECOND = 0x10
const ECO2_PPM = [400, 8_192] as const
const TVOC_PPB = [0, 1_187] as const
const WARM_AFTER_MS = 20 * 60_000
const STALLED_AFTER_MS = 5_000

const reports = ['eco2', 'tvoc'] as const

export const ccs811 = defineSensor({
  model: 'ccs811',
  description: 'Organic compounds in the air and the CO2 they would go with: a trend of the room or the mask, never capnography. Stretches the clock: slow bus',
  // The MLX90614 has 0x5A too and cannot be moved, so this one belongs at 0x5B beside it.
  addresses: [0x5a, 0x5b],
  signals: [
    { signal: 'eco2', unit: '[ppm]' },
    { signal: 'tvoc', unit: '[ppb]' },
  ],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,
  identity: 'Register 0x20 holds 0x81 and register 0x21 begins with 1.',
  identify: async (i2c) => (await readByte(i2c, Register.HW_ID)) === HW_ID && (await readByte(i2c, Register.HW_VERSION)) >> 4 === 1,

  async open(i2c, { clock }): Promise<Sensor> {
    await start(i2c)
    let startedMs = clock.monotonic()
    let newestMs = startedMs
    return {
      reports,
      async read(): Promise<Reading[]> {
        const nowMs = clock.monotonic()
        const status = await readByte(i2c, Register.STATUS)
        const broken = (status & Status.FW_MODE) === 0 || (status & Status.ERROR) !== 0 || nowMs - newestMs > STALLED_AFTER_MS
        if (broken) {
          await start(i2c)
          startedMs = newestMs = nowMs
          return absences({ reports }, 'fault')
        }
        if ((status & Status.DATA_READY) === 0) return newestMs === startedMs ? absences({ reports }, 'warmup') : []
        newestMs = nowMs
        const bytes = await readBytes(i2c, Register.ALG_RESULT_DATA, 4)
        const warm = nowMs - startedMs >= WARM_AFTER_MS
        return [
          value('eco2', unsigned16BigEndian(bytes), ECO2_PPM, warm),
          value('tvoc', unsigned16BigEndian(bytes, 2), TVOC_PPB, warm),
        ]
      },
      close: () => writeByte(i2c, Register.MEAS_MODE, 0),
    }
  },
})

/** After power-on the boot loader runs; the application is started by naming a register, without a value. */
async function start(i2c: I2c): Promise<void> {
  const status = await readByte(i2c, Register.STATUS)
  if ((status & Status.APP_VALID) === 0) throw busFault(i2c.address, 'failed')
  // Reading the error clears it.
  if (status & Status.ERROR) await readByte(i2c, Register.ERROR_ID)
  if ((status & Status.FW_MODE) === 0) await i2c.write(Uint8Array.of(Register.APP_START))
  await writeByte(i2c, Register.MEAS_MODE, EVERY_SECOND)
}

/** At the ends of its range the algorithm says "this or more". */
function value(signal: 'eco2' | 'tvoc', amount: number, [lowest, highest]: readonly [number, number], warm: boolean): Reading {
  if (amount >= highest) return { kind: 'absent', of: signal, reason: 'saturated' }
  if (amount < lowest) return { kind: 'absent', of: signal, reason: 'warmup' }
  return { kind: 'value', signal, value: amount, ...(!warm && { question: 'calibrating' as const }) }
}
