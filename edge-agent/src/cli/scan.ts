import { readSettings, systemClock } from '@vigil/program'
import { firstRecording, openSensorBus } from '../platform/sensor-bus.ts'
import { scan, type FoundChip } from '../sensors/scan.ts'
import { scanSettings, withDefaultRecording } from './agent-settings.ts'
import { failWith } from './fail.ts'

const EXIT_FAILED = 1

/** `vigil-agent scan`: asks every known address who is there; changes nothing. */
export async function scanCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent scan', 'list the sensors on the bus and propose a configuration', scanSettings, withDefaultRecording(argv, firstRecording()))
  try {
    const { bus } = await openSensorBus({ bus: values.bus, emulate: values.emulate, clock: systemClock })
    try {
      const found = await scan(bus)
      process.stdout.write(values.json ? `${JSON.stringify(asJson(found))}\n` : asText(found))
      if (!found.some(({ definition }) => definition)) process.exitCode = EXIT_FAILED
    } finally {
      await bus.close()
    }
  } catch (error) {
    failWith('vigil-agent scan', error)
  }
}

const hex = (address: number): string => `0x${address.toString(16).padStart(2, '0')}`

/** What `sensors` would be in the configuration of this board, and what each gives. */
function asJson(found: readonly FoundChip[]) {
  const known = found.flatMap(({ address, definition }) => (definition ? [{ model: definition.model, address, signals: [...definition.signals.map(({ signal }) => signal), ...definition.feeds] }] : []))
  const unknown = found.filter(({ definition }) => !definition).map(({ address }) => address)
  return { sensors: known, unknown, config: { interval_ms: 1_000 } }
}

function asText(found: readonly FoundChip[]): string {
  if (found.length === 0) return 'No sensor answers. Check the plugs and the supply; on a Raspberry Pi, I2C must be switched on (raspi-config, Interface Options).\n'
  const { sensors, unknown } = asJson(found)
  const lines = found.map(({ address, definition }) => `  ${hex(address)}  ${definition ? `${definition.model.padEnd(10)} ${definition.description}` : 'something answers that is none of the sensors known'}`)
  const gives = [...new Set(sensors.flatMap(({ signals }) => signals))]
  return [
    'On the bus:',
    ...lines,
    '',
    unknown.length > 0 ? `Unknown chips are left alone (${unknown.map(hex).join(', ')}).` : '',
    gives.length > 0 ? `The agent uses these by itself and reports ${gives.join(', ')}, one object a second. Start it with: vigil-agent run --device NAME --url mqtt://SERVER` : '',
    '',
  ]
    .filter((line, i, all) => line !== '' || all[i - 1] !== '')
    .join('\n')
}
