import { bmp280 } from './bmp280.ts'
import { type SensorDefinition } from './define-sensor.ts'
import { max30102 } from './max30102.ts'
import { max30205 } from './max30205.ts'
import { tmp117 } from './tmp117.ts'

/** Every chip Vigil can read. Where two share an address, the one with the surer identity stands first. */
export const sensorRegistry: readonly SensorDefinition[] = [max30102, tmp117, max30205, bmp280]
