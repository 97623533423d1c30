import { celsius } from './bmp280-compensation.ts'
import { barometerShape, hasChipId, openBarometer, Register } from './bosch-barometer.ts'
import { HUMIDITY_CALIBRATION, parseHumidityCalibration, relativeHumidity } from './bme280-humidity.ts'
import { defineSensor } from './define-sensor.ts'
import { absent } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { unsigned16BigEndian } from './words.ts'

const CHIP_ID = 0x60
const HUMIDITY_ONCE = 0x01
const HUMIDITY_SKIPPED = 0x8000
/** CTRL_MEAS, CONFIG, a gap, pressure, temperature, humidity. */
const BURST_BYTES = 11

export const bme280 = defineSensor({
  ...barometerShape,
  model: 'bme280',
  description: 'Absolute pressure as the BMP280, with temperature and humidity of the room at 0x77',
  signals: [
    { signal: 'pamb', unit: 'hPa' },
    { signal: 'tamb', unit: 'Cel' },
    { signal: 'rhum', unit: '%' },
  ],
  identity: 'Register 0xD0 holds 0x60.',
  identify: (i2c) => hasChipId(i2c, CHIP_ID),

  async open(i2c, context) {
    const { H1, FROM_H2, H2_BYTES } = HUMIDITY_CALIBRATION
    const trimming = parseHumidityCalibration(await readByte(i2c, H1), await readBytes(i2c, FROM_H2, H2_BYTES))
    return openBarometer(i2c, context, {
      burstBytes: BURST_BYTES,
      roomReports: ['tamb', 'rhum'],
      // Taken over with the next write of CTRL_MEAS (section 5.4.3).
      prepare: () => writeByte(i2c, Register.CTRL_HUM, HUMIDITY_ONCE),
      room({ bytes, fine }) {
        const raw = unsigned16BigEndian(bytes, 9)
        const humidity = raw === HUMIDITY_SKIPPED ? absent('rhum', 'warmup') : ({ kind: 'value', signal: 'rhum', value: relativeHumidity(raw, fine, trimming) } as const)
        return [{ kind: 'value', signal: 'tamb', value: celsius(fine) }, humidity]
      },
    })
  },
})
