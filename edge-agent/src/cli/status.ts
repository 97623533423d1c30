import { join } from 'node:path'
import { readSettings } from '@vigil/program/program-life'
import { systemClock } from '@vigil/program/system-clock'
import { readStatusFile, type StatusReport } from '../platform/status-file.ts'
import { lookIntoSpool, type SpoolLook } from '../spool/look-into-spool.ts'
import { enrolledDevice, statusSettings } from './agent-settings.ts'
import { failWith } from './fail.ts'

const EXIT_FAILED = 1
/** A running agent writes its status every 5 s. */
const OLD_AFTER_MS = 15_000

/** `vigil-agent status`: exit code 0 when the agent runs and is connected, 1 otherwise. */
export async function statusCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent status', 'how the agent on this board is doing', statusSettings, argv)
  try {
    const folder = join(values.data, 'agent')
    const device = enrolledDevice(values.device, folder)
    const report = readStatusFile(folder, device)
    const spool = lookIntoSpool(join(folder, `${device}.sqlite`))
    const running = report !== undefined && report.running && systemClock.now() - report.at < OLD_AFTER_MS
    process.stdout.write(values.json ? `${JSON.stringify({ device, running, report, spool })}\n` : asText(device, running, report, spool))
    if (!running || !report?.link.connected) process.exitCode = EXIT_FAILED
  } catch (error) {
    failWith('vigil-agent status', error)
  }
}

function asText(device: string, running: boolean, report: StatusReport | undefined, spool: SpoolLook | undefined): string {
  const lines = [`${device}: ${running ? 'running' : 'not running'}`]
  if (report) lines.push(...(running ? runningLines(report) : [`  last heard  ${new Date(report.at).toISOString()}`, ...sensorLines(report)]))
  if (spool) {
    const live = running && report ? report.spool : spool
    lines.push(`  spool       ${spool.records} objects here, ${(spool.bytes / 1e6).toFixed(1)} MB; of ${live.lastSeq} recorded, ${live.unsent} without a receipt, all up to ${live.upto} proven stored (epoch ${spool.epoch})`)
    if (report && report.spool.dropped > 0) lines.push(`  given up    ${report.spool.dropped} objects for want of room`)
  } else lines.push('  spool       none: the agent has not run here')
  return `${lines.join('\n')}\n`
}

/** What an agent that is gone said of its connection, its clock and its patient is no longer so. */
function runningLines(report: StatusReport): string[] {
  const { link, timeSource, timeProven } = report
  return [`  connection  ${link.connected ? 'connected' : link.why}`, `  clock       ${clockText[timeSource]}${timeProven ? '' : notProven}`, ...sensorLines(report), ...valueLines(report), ...alarmLines(report)]
}

/** What the board found itself, and whether it sounds: it does where the centre has not said in time that somebody hears it. */
function alarmLines({ alarms: { open, sounding } = { open: [], sounding: [] } }: StatusReport): string[] {
  return open.map(({ condition, value, limit }, i) => {
    const than = value === null || limit === null ? '' : ` ${Number(value.toFixed(1))} (limit ${limit})`
    return `  ${i === 0 ? 'alarm      ' : '           '} ${condition}${than}${sounding.some((one) => one.condition === condition) ? ', the board sounds' : ''}`
  })
}

const clockText = { clock: 'own clock', server: 'server time (own clock is wrong or not set)', none: 'not known yet' } as const

const notProven = '; the server has not confirmed it since the start. What is measured meanwhile is dated anew once it has'

function sensorLines({ sensors, faults }: StatusReport): string[] {
  if (sensors.length === 0) return ['  sensors     none found; vigil-agent scan looks for them']
  return sensors.map(({ model, address }, i) => {
    const fault = faults.find((one) => one.address === address)
    return `  ${i === 0 ? 'sensors    ' : '           '} ${model} at 0x${address.toString(16)}${fault ? `: ${fault.why}` : ''}`
  })
}

function valueLines({ latest: { m, x } }: StatusReport): string[] {
  const there = Object.entries(m).map(([name, value]) => `${name} ${Number(value.toFixed(2))}`)
  const absent = Object.entries(x).map(([name, reason]) => `${name} (${reason})`)
  return [`  now         ${[...there, ...absent].join(', ') || 'nothing measured yet'}`]
}
