import { defineSensor } from './define-sensor.ts'
import { channelsOf, openOximeter, oximeterShape } from './max3010x.ts'
import { Mode } from './max3010x-registers.ts'
import type { LedLayout } from './max3010x-set-up.ts'

/** Multi-LED mode with red, infrared and green in slots 1 to 3 (datasheet table 13). */
const layout: LedLayout = {
  channels: ['red', 'ir', 'green'],
  mode: [
    ['LED3_GREEN', 0x1f],
    ['MULTI_LED_12', 0x21],
    ['MULTI_LED_34', 0x03],
    ['MODE_CONFIG', Mode.MULTI_LED],
  ],
}

export const max30105 = defineSensor({
  ...oximeterShape,
  model: 'max30105',
  description: 'Pulse oximeter with a third, green light that follows the pulse through movement; the MAX30101 is the same',
  channels: channelsOf(layout),
  feeds: ['pr', 'spo2', 'pi', 'rrppg'],
  alike: ['max30102'],
  confirm: 'That it has a green light cannot be asked: without it the green channel stays dark.',
  open: (i2c, context) => openOximeter(i2c, context, layout),
})
