import { readFileSync } from 'node:fs'
import { arch, hostname, platform } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { runProgram, systemClock, type Log } from '@vigil/program'
import packageJson from '../../package.json' with { type: 'json' }
import { type Agent, type AgentLog } from '../core/agent.ts'
import { bedsideIndicator, openBoardPanel } from '../platform/board-panel.ts'
import { openBoardAgent } from '../platform/board-agent.ts'
import { linuxIndicator } from '../platform/linux-indicator.ts'
import { firstRecording, openSensorBus } from '../platform/sensor-bus.ts'
import { readSensorsFile } from '../platform/sensors-file.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { writeStatusFile } from '../platform/status-file.ts'
import { breathingKind, deviceName, fsyncPolicy, readSecret, runSettings, withDefaultRecording } from './agent-settings.ts'

const STATUS_EVERY_MS = 5_000

/** `vigil-agent run`. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  // The program reads its settings from the words after the command.
  process.argv.splice(2, process.argv.length, ...withDefaultRecording(argv, firstRecording()))
  await runProgram({ name: 'vigil-agent run', purpose: 'measure, keep and send', settings: runSettings, start: ({ settings, log }) => start(settings, log) })
}

type RunSettings = Parameters<Parameters<typeof runProgram<typeof runSettings>>[0]['start']>[0]['settings']

async function start(settings: RunSettings, log: Log) {
  const device = deviceName(settings.device)
  const folder = join(settings.data, 'agent')
  const secret = readSecret({ environment: process.env['VIGIL_AGENT_SECRET'], file: settings.secretFile, folder, device })
  const agentLog: AgentLog = (event, facts) => log.info({ device, ...facts }, event)
  const { bus, note, sensors: emulatedSensors } = await openSensorBus({ bus: settings.bus, emulate: settings.emulate, emulateSensors: settings.emulateSensors, clock: systemClock })
  const sensors = settings.sensors === undefined ? emulatedSensors : readSensorsFile(settings.sensors, sensorRegistry)
  const mode = note === undefined ? 'real' : 'test'
  const parts = { display: settings.display, buzzer: settings.buzzer, buttons: settings.buttons }
  const bedside = openBoardPanel({ parts, bus, clock: systemClock, identity: { device, site: settings.site, mode, firmware: packageJson.version }, log: agentLog })
  const agent = openBoardAgent({
    address: { site: settings.site, device },
    url: brokerUrl(settings.url),
    secret,
    ...(settings.ca !== undefined && { ca: readFileSync(settings.ca, 'utf8') }),
    folder,
    bus,
    sensors,
    bedside,
    indicator: bedsideIndicator(linuxIndicator(agentLog), bedside, { device, hasBuzzer: settings.buzzer !== undefined }),
    identity: { mode, firmware: packageJson.version, hardware: hardwareName(), ...(note !== undefined && { note }) },
    clock: systemClock,
    random: Math.random,
    log: agentLog,
    spoolLimitBytes: settings.spoolMegabytes * 1024 * 1024,
    synchronous: fsyncPolicy(settings.fsync),
    breathing: breathingKind(settings.breathing),
  })
  await agent.start()
  const stopStatus = keepStatus(agent, folder, device)
  return {
    ready: { device, site: settings.site, emulated: note !== undefined },
    stop: async () => {
      stopStatus()
      await agent.stop()
      writeStatusFile(folder, device, { ...agent.status(), at: systemClock.now(), running: false })
      await bus.close()
    },
  }
}

function keepStatus(agent: Agent, folder: string, device: string): () => void {
  const write = (): void => writeStatusFile(folder, device, { ...agent.status(), at: systemClock.now(), running: true })
  write()
  return systemClock.every(STATUS_EVERY_MS, write)
}

function brokerUrl(url: string): string {
  if (/^(mqtts?|wss?):\/\/[^\s/]+/.test(url)) return url
  throw new AppError('SETTINGS_INVALID', `VIGIL_URL must look like mqtt://host:1883 or mqtts://host:8883, not "${url}".`)
}

/** The board's own name for itself (device tree), or what the operating system says. */
function hardwareName(): string {
  try {
    return readFileSync('/proc/device-tree/model', 'utf8').replaceAll('\0', '').slice(0, 64)
  } catch {
    return `${platform()} ${arch()} ${hostname()}`.slice(0, 64)
  }
}
