import { signalByName } from '@vigil/contract/catalogue'
import type { SensorDefinition } from './define-sensor.ts'

/** Displays are actuators and have their own page section; everything else on this page follows from the registry. */
const head = `# Sensors

Every chip the agent can read. This page is written from the registry by \`npm run sensors-page\`; a test holds the two in step.
Each driver is checked against an emulation that answers byte by byte as the chip does, and every fault in the table below is tried on every chip: the
driver answers absence with a reason or a typed fault, never a wrong number, and comes back by itself.

| fault | what is done to the chip |
| --- | --- |
| no answer | nobody acknowledges the address |
| stuck bus | the lines are held, no transfer ends |
| check sum | a CRC or PEC is wrong (chips that have one) |
| overflow | nobody reads for ten seconds (chips with a FIFO) |
| power-on value | the chip restarts and never converts |
| not ready | the oscillator stands still, registers still answer |
| saturation | what is measured lies beyond the converter |
| brown-out | the supply fails for a moment |
| swapped LEDs | red and infrared are soldered the wrong way round (oximeters) |

A chip that only a person can confirm is never used by itself: the agent takes it from a sensors file. \`vigil-agent scan --write sensors.json\` proposes one,
\`vigil-agent run --sensors sensors.json\` uses it, and then uses nothing else. Where two sensors give the same, the one that stands first below and works is heard.
An MLX90614 has no sign that a result is new: one whose oscillator stands still cannot be told from a patient at rest.
`

const tail = `
## Mask pressure

All of these end as \`paw\`, the pressure in the mask above that of the room:

- two barometers, one in the mask (0x76) and one in the room (0x77); two of them differ by up to a few cmH2O, which \`calibrate\` takes off;
- a gauge or differential sensor (XGZP6897, MPXV7002 at an ADS1115, SDP3x, SDP8xx), which needs no other. An SDP ends at ±5.1 cmH2O: beyond, \`paw\` is absent
  with the reason \`saturated\`. An MPXV7002 takes the first second that stands still near zero as its zero, so it must start with the mask off; until then \`paw\` is absent.

## Shared addresses

| address | chips | told apart by |
| --- | --- | --- |
| 0x48 to 0x4B | TMP117, MAX30205, ADS1115 | identity register; thresholds at power-on values |
| 0x57 | MAX30102, MAX30105, MAX30100, an EEPROM | part number read twice in a row: an EEPROM steps on. MAX30102 and MAX30105 cannot be told apart |
| 0x5A | MLX90614, CCS811 | SMBus check sum; hardware number. Strap a CCS811 to 0x5B when both are fitted |
| 0x76, 0x77 | BMP280, BME280 | chip number |

## Display

An SSD1306 (0x3C or 0x3D) is an actuator, not a sensor: it stands behind the port \`Screen\` of the panel, not in this registry. It has no identity and can hardly be read, so asking it anything
proves nothing: a scan tells that something answers there, and the agent uses one only when \`--display\` names it.
`

const hex = (address: number): string => `0x${address.toString(16).padStart(2, '0').toUpperCase()}`

function addressesOf({ addresses }: SensorDefinition): string {
  const [first = 0] = addresses
  const last = addresses.at(-1) ?? first
  const unbroken = addresses.length > 2 && last - first === addresses.length - 1
  return unbroken ? `${hex(first)} to ${hex(last)}` : addresses.map(hex).join(', ')
}

function section(definition: SensorDefinition): string {
  const { model, description, signals, channels, feeds, readEveryMs, identity, alike = [], confirm, options = {} } = definition
  const values = signals.map(({ signal, unit }) => `\`${signal}\` (${signalByName(signal)?.display}, ${unit})`)
  const streams = channels.map(({ channel, hz }) => `\`${channel}\` at ${hz} Hz`)
  const rows: readonly (readonly [string, string])[] = [
    ['Address', addressesOf(definition)],
    ['Values', values.join(', ')],
    ['Streams', streams.join(', ')],
    ['Used for', feeds.map((signal) => `\`${signal}\``).join(', ')],
    ['Read every', `${readEveryMs} ms`],
    ['Known by', identity],
    ['Answers alike', alike.join(', ')],
    ['To confirm', confirm ?? ''],
    ...Object.entries(options).map(([name, option]) => [`Option \`${name}\``, `${option.description}; ${option.minimum} to ${option.maximum}, ${option.default} unless told`] as const),
  ]
  const told = rows.filter(([, text]) => text !== '').map(([what, text]) => `| ${what} | ${text} |`)
  return `## ${model}\n\n${description}.\n\n| | |\n| --- | --- |\n${told.join('\n')}\n`
}

/** The page `docs/sensors.md`. */
export const sensorPage = (registry: readonly SensorDefinition[]): string => `${head}\n${registry.map(section).join('\n')}${tail}`
