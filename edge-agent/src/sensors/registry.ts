import { ads1115 } from './ads1115.ts'
import { bme280 } from './bme280.ts'
import { bmp280 } from './bmp280.ts'
import { ccs811 } from './ccs811.ts'
import type { SensorDefinition } from './define-sensor.ts'
import { max30100 } from './max30100.ts'
import { max30102 } from './max30102.ts'
import { max30105 } from './max30105.ts'
import { max30205 } from './max30205.ts'
import { mlx90614 } from './mlx90614.ts'
import { scd4x } from './scd4x.ts'
import { sdp3x } from './sdp3x.ts'
import { sdp8xx } from './sdp8xx.ts'
import { tmp117 } from './tmp117.ts'
import { xgzp6897 } from './xgzp6897.ts'

/**
 * Every chip Vigil can read. Where two share an address, the one with the surer identity stands first; where two give the same
 * signal, the one that is heard.
 */
export const sensorRegistry: readonly SensorDefinition[] = [max30102, max30105, max30100, tmp117, max30205, mlx90614, xgzp6897, ads1115, sdp3x, sdp8xx, bme280, bmp280, scd4x, ccs811]
