import type { SensorDefinition } from '../src/sensors/define-sensor.ts'
import { bme280 } from '../src/sensors/bme280.ts'
import { bmp280 } from '../src/sensors/bmp280.ts'
import { ccs811 } from '../src/sensors/ccs811.ts'
import { max30100 } from '../src/sensors/max30100.ts'
import { max30102 } from '../src/sensors/max30102.ts'
import { max30205 } from '../src/sensors/max30205.ts'
import { mlx90614 } from '../src/sensors/mlx90614.ts'
import { scd4x } from '../src/sensors/scd4x.ts'
import { tmp117 } from '../src/sensors/tmp117.ts'

/**
 * What a small board looks for: every sensor of the registry but those that a person must confirm in a sensors file, which such a board does not
 * have (a MAX30105 is used as the MAX30102 it answers like). In the registry's order, the better first. A board with one purpose leaves out more: each driver not in this list is not in its program.
 */
export const boardSensors: readonly SensorDefinition[] = [max30102, max30100, tmp117, max30205, mlx90614, bme280, bmp280, scd4x, ccs811]
