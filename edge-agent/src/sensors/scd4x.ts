import type { Clock } from '@vigil/contract/clock'
import type { I2c } from '../bus/i2c.ts'
import { absences, defineSensor, type Sensor } from './define-sensor.ts'
import type { Reading } from './reading.ts'
import { answersWith, ask, sendCommand } from './sensirion.ts'

// Commands of the SCD4x datasheet (Sensirion, version 1.5).
const Command = { START_PERIODIC: 0x21b1, STOP_PERIODIC: 0x3f86, READ: 0xec05, IS_READY: 0xe4b8 } as const
const READY_BITS = 0x07ff
const STOP_TAKES_MS = 500
const EVERY_MS = 5_000
const STALLED_AFTER_MS = 3 * EVERY_MS
const CO2_PPM = [0, 40_000] as const

const reports = ['co2', 'tamb', 'rhum'] as const
const standsMs = STALLED_AFTER_MS

export const scd4x = defineSensor({
  model: 'scd4x',
  description: 'SCD40 and SCD41: CO2, temperature and humidity of the room, every 5 s: a trend, never capnography',
  addresses: [0x62],
  signals: [
    { signal: 'co2', unit: '[ppm]' },
    { signal: 'tamb', unit: 'Cel' },
    { signal: 'rhum', unit: '%' },
  ],
  channels: [],
  feeds: [],
  readEveryMs: 1_000,
  identity: 'Asked whether data are ready, it answers with a check sum. The question is allowed while it measures and changes nothing.',
  identify: (i2c) => answersWith(async () => (await ask(i2c, Command.IS_READY, 1)).length === 1),

  async open(i2c, { clock }): Promise<Sensor> {
    await restart(i2c, clock)
    let newestMs = clock.monotonic()
    let everRead = false
    return {
      reports,
      async read(): Promise<Reading[]> {
        const nowMs = clock.monotonic()
        const [ready = 0] = await ask(i2c, Command.IS_READY, 1)
        if ((ready & READY_BITS) === 0) {
          if (nowMs - newestMs <= STALLED_AFTER_MS) return everRead ? [] : absences({ reports }, 'warmup')
          await restart(i2c, clock)
          newestMs = clock.monotonic()
          everRead = false
          return absences({ reports }, 'fault')
        }
        const [co2 = 0, temperature = 0, humidity = 0] = await ask(i2c, Command.READ, 3)
        newestMs = nowMs
        everRead = true
        const beyond = co2 <= CO2_PPM[0] || co2 >= CO2_PPM[1]
        return [
          beyond ? { kind: 'absent', of: 'co2', reason: 'saturated' } : { kind: 'value', signal: 'co2', value: co2, standsMs },
          { kind: 'value', signal: 'tamb', value: (175 * temperature) / 65_536 - 45, standsMs },
          { kind: 'value', signal: 'rhum', value: (100 * humidity) / 65_536, standsMs },
        ]
      },
      close: () => sendCommand(i2c, Command.STOP_PERIODIC),
    }
  },
})

/** A chip that measures already takes no start: stopped first, it is in a known state whatever was before. */
async function restart(i2c: I2c, clock: Clock): Promise<void> {
  await sendCommand(i2c, Command.STOP_PERIODIC)
  await new Promise<void>((resolve) => void clock.after(STOP_TAKES_MS, resolve))
  await sendCommand(i2c, Command.START_PERIODIC)
}
