import { join } from 'node:path'
import type { SettingsOf } from '@vigil/contract/settings'
import { createLineLog, type ProgramLog } from '@vigil/program/line-log'
import { liveProgram } from '@vigil/program/program-life'
import { systemClock } from '@vigil/program/system-clock'
import packageJson from '../../package.json' with { type: 'json' }
import type { Agent, AgentLog } from '../core/agent.ts'
import { bedsideIndicator, displayControl, openBoardPanel } from '../platform/board-panel.ts'
import { openBoardAgent } from '../platform/board-agent.ts'
import { controlPath, openControlSocketIfPossible } from '../platform/control-socket.ts'
import { type EventLog, openEventLog } from '../platform/event-log.ts'
import { hardwareName } from '../platform/hardware-name.ts'
import { linuxIndicator } from '../platform/linux-indicator.ts'
import { FIRST_RECORDING, openSensorBus } from '../platform/sensor-bus.ts'
import { askPanel, PANEL, watchPanel } from '../platform/panel-look.ts'
import { readSensorsFile } from '../platform/sensors-file.ts'
import { startAgain } from '../platform/start-again.ts'
import { type StatusReport, writeStatusFile } from '../platform/status-file.ts'
import { openWatchdog } from '../platform/watchdog.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { breathingKind, connectionSettings, fsyncPolicy, readSecret, runSettings, withDefaultRecording } from './agent-settings.ts'

const STATUS_EVERY_MS = 5_000

/** `vigil-agent run`. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const startedWith = [...process.argv]
  // The program reads its settings from the words after the command.
  process.argv.splice(2, process.argv.length, ...withDefaultRecording(argv, FIRST_RECORDING))
  await liveProgram({ name: 'vigil-agent run', purpose: 'measure, keep and send', settings: runSettings, start: ({ settings, log }) => start(settings, log, startedWith) }, createLineLog)
}

type RunSettings = SettingsOf<typeof runSettings>

async function start(settings: RunSettings, log: ProgramLog, startedWith: readonly string[]) {
  const folder = join(settings.data, 'agent')
  const { device, site, urls, ca } = connectionSettings(settings, folder)
  const secret = readSecret({ environment: process.env['VIGIL_AGENT_SECRET'], file: settings.secretFile, folder, device })
  const events = openEventLog(join(folder, `${device}.log`))
  const agentLog: AgentLog = (event, facts) => {
    log.info({ device, ...facts }, event)
    events.append({ at: systemClock.now(), event, facts })
  }
  const { bus, note, sensors: emulatedSensors } = await openSensorBus(settings)
  const sensors = settings.sensors === undefined ? emulatedSensors : readSensorsFile(settings.sensors, sensorRegistry)
  const mode = note === undefined ? 'real' : 'test'
  const parts = { display: settings.display, buzzer: settings.buzzer, buttons: settings.buttons }
  const watch = watchPanel()
  const emulated = note !== undefined
  const bedside = openBoardPanel({ parts, bus, clock: systemClock, identity: { device, site, mode, firmware: packageJson.version }, log: agentLog, watch, emulated })
  const agent = openBoardAgent({
    address: { site, device },
    url: urls,
    secret,
    ...(ca !== undefined && { ca }),
    folder,
    bus,
    sensors,
    bedside,
    indicator: bedsideIndicator(watch.light(linuxIndicator(agentLog)), bedside, { hasBuzzer: settings.buzzer !== undefined }),
    controls: { readLog: (lines) => readLines(events, lines), restart: () => void again(), ...displayControl(bedside) },
    identity: { mode, firmware: packageJson.version, hardware: hardwareName(), ...(note !== undefined && { note }) },
    clock: systemClock,
    random: Math.random,
    log: agentLog,
    spoolLimitBytes: settings.spoolMegabytes * 1024 * 1024,
    synchronous: fsyncPolicy(settings.fsync),
    breathing: breathingKind(settings.breathing),
  })
  await agent.start()
  agentLog('agent.started', { version: packageJson.version, emulated: note })
  const ask: typeof agent.ask = (name, args) => (name === PANEL ? askPanel(watch, bedside, args, emulated) : agent.ask(name, args))
  const control = await openControlSocketIfPossible(controlPath(folder, device), ask, agentLog)
  const watchdog = openWatchdog({ clock: systemClock, isAlive: () => agent.isAlive(), env: process.env })
  const stopStatus = keepStatus(agent, folder, device)
  const letGo = async (): Promise<void> => {
    stopStatus()
    control.close()
    await agent.stop()
    tryToWrite(folder, device, { ...agent.status(), at: systemClock.now(), running: false })
    await bus.close()
  }
  const stop = (): Promise<void> => {
    watchdog.stopping()
    return letGo()
  }
  const again = async (): Promise<void> => {
    agentLog('agent.restarts', {})
    watchdog.startingAgain()
    await letGo().catch((error: unknown) => log.error({ err: error }, 'agent.not_stopped'))
    startAgain(startedWith, process.env)
  }
  return { ready: { device, site, emulated }, stop }
}

function keepStatus(agent: Agent, folder: string, device: string): () => void {
  const write = (): void => tryToWrite(folder, device, { ...agent.status(), at: systemClock.now(), running: true })
  write()
  return systemClock.every(STATUS_EVERY_MS, write)
}

/** A full card must not end the agent: the spool is what counts, and an old status only says that it is old. */
function tryToWrite(folder: string, device: string, report: StatusReport): void {
  try {
    writeStatusFile(folder, device, report)
  } catch {
    // The next one is tried in five seconds.
  }
}

/** As `send_log` tells them: facts of the agent, never of a patient. */
function readLines(events: EventLog, lines: number): string[] {
  return events.tail(lines).map(({ at, event, facts }) => JSON.stringify({ at, event, ...facts }))
}
