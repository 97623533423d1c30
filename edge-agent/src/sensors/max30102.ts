import { defineSensor } from './define-sensor.ts'
import { channelsOf, openOximeter, oximeterShape } from './max3010x.ts'
import { Mode } from './max3010x-registers.ts'
import type { LedLayout } from './max3010x-set-up.ts'

const layout: LedLayout = { channels: ['red', 'ir'], mode: [['MODE_CONFIG', Mode.SPO2]] }

export const max30102 = defineSensor({
  ...oximeterShape,
  model: 'max30102',
  description: 'Pulse oximeter: red and infrared light reflected by a finger',
  channels: channelsOf(layout),
  feeds: ['pr', 'spo2', 'pi', 'rrppg'],
  alike: ['max30105'],
  open: (i2c, context) => openOximeter(i2c, context, layout),
})
