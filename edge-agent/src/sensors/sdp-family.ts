import type { I2c } from '../bus/i2c.ts'
import { absences, defineSensor, type Sensor, type SensorDefinition } from './define-sensor.ts'
import { createPolledStream } from './polled-stream.ts'
import type { Reading } from './reading.ts'
import { answersWith, ask, sendCommand, wordsIfReady } from './sensirion.ts'
import { signed16 } from './words.ts'

// Commands of the SDP3x and SDP8xx datasheets (Sensirion).
const Command = { STOP: 0x3ff9, PRESSURE_AVERAGED_UNTIL_READ: 0x3615, PRODUCT_1: 0x367c, PRODUCT_2: 0xe102 } as const
const HZ = 25
/** What the chip measures to either side, Pa, by its scale factor (counts in one Pa). */
const RANGE_PA: Readonly<Record<number, number>> = { 60: 500, 240: 125 }
/** Averaged since the last reading, a sample is half an interval old. */
const SAMPLE_AGE_MS = 500 / HZ
const STALLED_AFTER_MS = 1_000
/** A refused reading takes a tenth of a millisecond at least. */
const RESULT_POLLS = 10

export interface SdpKind {
  readonly model: string
  readonly description: string
  readonly addresses: readonly number[]
  /** Upper word of the product number. */
  readonly product: number
}

/** A differential pressure sensor with one side at the mask and the other open to the room. */
export const sdpSensor = ({ model, description, addresses, product }: SdpKind): SensorDefinition =>
  defineSensor({
    model,
    description: `${description}; ±500 Pa is only ±5.1 cmH2O: enough for breathing against a mask, not for CPAP or a ventilator`,
    addresses,
    signals: [],
    channels: [{ channel: 'mask_gauge', hz: HZ }],
    feeds: ['paw', 'pip', 'peep', 'rr'],
    readEveryMs: 1_000 / HZ,
    identity: 'Its product number, or, while it measures, three words with their check sums. Asking for the number starts and stops nothing.',
    confirm: 'One side must lead to the mask and the other be open to the room: over a flow element the same number would mean something else.',
    identify: (i2c) => answersWith(async () => (await isMeasuring(i2c)) || (await productOf(i2c)) === product),
    open: openSdp,
  })

/** A chip at work gives its results to whoever reads, a new one every half millisecond, and takes no other command than to stop. */
async function isMeasuring(i2c: I2c): Promise<boolean> {
  for (let poll = 0; poll < RESULT_POLLS; poll += 1) {
    const words = await wordsIfReady(i2c, 3)
    if (words) return (words[2] ?? 0) in RANGE_PA
  }
  return false
}

const productOf = async (i2c: I2c): Promise<number | undefined> => (await ask(i2c, [Command.PRODUCT_1, Command.PRODUCT_2], 6))[0]

async function openSdp(i2c: I2c, { clock }: Parameters<SensorDefinition['open']>[1]): Promise<Sensor> {
  const stream = createPolledStream('mask_gauge', HZ)
  const reports = [stream.channel]
  let lastMs = clock.monotonic()
  // Already measuring, after a restart of the agent alone: it would refuse a second start.
  if (!(await isMeasuring(i2c))) await sendCommand(i2c, Command.PRESSURE_AVERAGED_UNTIL_READ)

  return {
    reports,
    async read(): Promise<Reading[]> {
      const nowMs = clock.monotonic()
      const words = await wordsIfReady(i2c, 3)
      if (words) {
        lastMs = nowMs
        const [raw = 0, , scale = 0] = words
        const range = RANGE_PA[scale]
        if (range === undefined) return absences({ reports }, 'fault')
        const pa = signed16(raw) / scale
        return Math.abs(pa) >= range ? absences({ reports }, 'saturated') : [stream.block(pa, nowMs - SAMPLE_AGE_MS)]
      }
      if (nowMs - lastMs < STALLED_AFTER_MS) return []
      // Nothing for so long: it has lost its supply for a moment and waits for its order. One that is gone refuses it too.
      await sendCommand(i2c, Command.PRESSURE_AVERAGED_UNTIL_READ)
      stream.breakOff('brown-out')
      lastMs = nowMs
      return absences({ reports }, 'fault')
    },
    close: () => sendCommand(i2c, Command.STOP),
  }
}
