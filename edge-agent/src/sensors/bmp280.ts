import { barometerShape, hasChipId, openBarometer } from './bosch-barometer.ts'
import { defineSensor } from './define-sensor.ts'

const CHIP_ID = 0x58

export const bmp280 = defineSensor({
  ...barometerShape,
  model: 'bmp280',
  description: 'Absolute pressure: in the mask at 0x76, of the room at 0x77',
  signals: [{ signal: 'pamb', unit: 'hPa' }],
  identity: 'Register 0xD0 holds 0x58.',
  identify: (i2c) => hasChipId(i2c, CHIP_ID),
  open: (i2c, context) => openBarometer(i2c, context, { burstBytes: 9, roomReports: [] }),
})
