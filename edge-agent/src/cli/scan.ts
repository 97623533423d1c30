import { writeFileSync } from 'node:fs'
import { readSettings } from '@vigil/program/program-life'
import { FIRST_RECORDING, openSensorBus } from '../platform/sensor-bus.ts'
import { hexAddress, type SensorsFile } from '../platform/sensors-file.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { scan, type FoundChip } from '../sensors/scan.ts'
import { scanSettings, withDefaultRecording } from './agent-settings.ts'
import { failWith } from './fail.ts'
import { faultOf, type I2cBus } from '../bus/i2c.ts'
import { DISPLAY_ADDRESSES } from '../platform/board-panel.ts'

const EXIT_FAILED = 1

/** `vigil-agent scan`: asks every known address who is there; changes nothing. */
export async function scanCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent scan', 'list the sensors on the bus and propose a configuration', scanSettings, withDefaultRecording(argv, FIRST_RECORDING))
  try {
    const { bus } = await openSensorBus(values)
    try {
      const found = await scan(bus, sensorRegistry)
      const displays = await displaysOn(bus)
      if (values.write !== undefined) writeFileSync(values.write, `${JSON.stringify(proposal(found), undefined, 2)}\n`)
      process.stdout.write(values.json ? `${JSON.stringify({ ...asJson(found), displays })}\n` : asText(found, values.write) + displayText(displays))
      if (!found.some(({ definition }) => definition)) process.exitCode = EXIT_FAILED
    } finally {
      await bus.close()
    }
  } catch (error) {
    failWith('vigil-agent scan', error)
  }
}

/** An SSD1306 has no identity: that something lets itself be read at its addresses is all that can be known without writing. */
async function displaysOn(bus: I2cBus): Promise<number[]> {
  const answering: number[] = []
  for (const address of DISPLAY_ADDRESSES) {
    const i2c = bus.open({ address })
    try {
      await i2c.read(1)
      answering.push(address)
    } catch (error) {
      if (faultOf(error) === undefined) throw error
    } finally {
      await i2c.close()
    }
  }
  return answering
}

const displayText = (displays: readonly number[]): string =>
  displays.map((address) => `At ${hexAddress(address)} answers what may be a display; it cannot be asked. If it is an SSD1306, start the agent with --display ssd1306@${hexAddress(address)}\n`).join('')

/** The sensors file for what was found: what cannot be asked stands in it at its usual value, for a person to correct. */
export function proposal(found: readonly FoundChip[]): SensorsFile {
  const sensors = found.flatMap(({ address, definition }) => {
    if (!definition) return []
    const options = Object.fromEntries(Object.entries(definition.options ?? {}).map(([name, option]) => [name, option.default]))
    return [{ model: definition.model, address: hexAddress(address), ...(definition.options && { options }) }]
  })
  return { sensors }
}

function asJson(found: readonly FoundChip[]) {
  const sensors = found.flatMap(({ address, definition, alike }) =>
    definition
      ? [{
          model: definition.model,
          address,
          signals: [...new Set([...definition.signals.map(({ signal }) => signal), ...definition.feeds])],
          identity: definition.identity,
          ...(alike.length > 0 && { alike: alike.map(({ model }) => model) }),
          ...(definition.confirm !== undefined && { confirm: definition.confirm }),
        }]
      : [],
  )
  const unknown = found.filter(({ definition }) => !definition).map(({ address }) => address)
  return { sensors, unknown, file: proposal(found), config: { interval_ms: 1_000 } }
}

function asText(found: readonly FoundChip[], written: string | undefined): string {
  if (found.length === 0) return 'No sensor answers. Check the plugs and the supply; on a Raspberry Pi, I2C must be switched on (raspi-config, Interface Options).\n'
  const { sensors, unknown } = asJson(found)
  const gives = [...new Set(sensors.filter(({ confirm }) => confirm === undefined).flatMap(({ signals }) => signals))]
  const toConfirm = sensors.filter(({ confirm }) => confirm !== undefined)
  const lines = [
    'On the bus:',
    ...found.flatMap(linesOf),
    '',
    ...(unknown.length > 0 ? [`Unknown chips are left alone (${unknown.map(hexAddress).join(', ')}).`] : []),
    ...(gives.length > 0 ? [`The agent uses these by itself and reports ${gives.join(', ')}, one object a second. Start it with: vigil-agent run (a board that was not enrolled: with --device NAME --url mqtt://SERVER)`] : []),
    ...(toConfirm.length > 0 ? [`To use ${toConfirm.map(({ model }) => model).join(', ')} too, check what is said above and give the agent a sensors file: ${howToStart(written)}`] : []),
    ...(written === undefined ? [] : [`The proposal is in ${written}; it names every sensor the agent will use.`]),
  ]
  return `${lines.join('\n')}\n`
}

const howToStart = (written: string | undefined): string => (written === undefined ? 'vigil-agent scan --write sensors.json, then vigil-agent run --sensors sensors.json ...' : `vigil-agent run --sensors ${written} ...`)

function linesOf({ address, definition, alike }: FoundChip): string[] {
  const at = `  ${hexAddress(address)}  `
  if (!definition) return [`${at}something answers that is none of the sensors known, or the operating system holds it`]
  return [
    `${at}${definition.model.padEnd(10)} ${definition.description}`,
    ...(alike.length > 0 ? [`        It could as well be a ${alike.map(({ model }) => model).join(' or ')}: they answer alike. Look at the part and correct the model in the sensors file.`] : []),
    ...(definition.confirm === undefined ? [] : [`        To confirm: ${definition.confirm}`]),
  ]
}
