import { faultOf, type I2c, type I2cBus } from '../bus/i2c.ts'
import type { SensorDefinition } from './define-sensor.ts'

/** One address at which something answers. */
export interface FoundChip {
  readonly address: number
  /** `undefined`: something is there, but no chip that is known, or the operating system keeps it to itself. */
  readonly definition: SensorDefinition | undefined
  /** Other models that would answer in the same way: which of them it is, only a person can see. */
  readonly alike: readonly SensorDefinition[]
}

/**
 * Finds what is on the bus by asking each chip who it is, never by its address alone. Changes no setting of any chip, so it may
 * run beside a working agent.
 *
 * @throws AppError `SENSOR_BUS_FAULT` when the bus itself is broken; an address where nobody answers is simply left out.
 */
export async function scan(bus: I2cBus, registry: readonly SensorDefinition[]): Promise<FoundChip[]> {
  const addresses = new Set(registry.flatMap((definition) => definition.addresses))
  const found: FoundChip[] = []
  for (const address of [...addresses].sort((a, b) => a - b)) {
    const i2c = bus.open({ address })
    try {
      const chip = await whoIsAt(i2c, registry.filter((definition) => definition.addresses.includes(address)))
      if (chip) found.push(chip)
    } finally {
      await i2c.close()
    }
  }
  return found
}

async function whoIsAt(i2c: I2c, candidates: readonly SensorDefinition[]): Promise<FoundChip | undefined> {
  const matches: SensorDefinition[] = []
  let answered = false
  for (const definition of candidates) {
    try {
      if (await definition.identify(i2c)) matches.push(definition)
      answered = true
    } catch (error) {
      const fault = faultOf(error)
      // A chip that refuses a register it does not have is still a candidate for the next question.
      if (fault === 'taken') answered = true
      else if (fault !== 'nack') throw error
    }
  }
  const [definition, ...alike] = matches
  return answered ? { address: i2c.address, definition, alike } : undefined
}
