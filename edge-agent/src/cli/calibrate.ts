import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import type { SettingSpec } from '@vigil/contract/settings'
import { readSettings } from '@vigil/program/program-life'
import { askAgent, controlPath } from '../platform/control-socket.ts'
import { enrolledDevice, statusSettings } from './agent-settings.ts'
import { failWith } from './fail.ts'

const EXIT_FAILED = 1

const calibrateSettings = {
  ...statusSettings,
  signal: { env: 'VIGIL_SIGNAL', kind: 'string', description: 'spo2, temp, tcore, tskin, or paw (the zero of the mask pressure)' },
  reference: { env: 'VIGIL_REFERENCE', kind: 'string', description: 'what a trusted instrument shows at this moment on the same person; none for paw' },
} as const satisfies Record<string, SettingSpec>

/** `vigil-agent calibrate`: the running agent compares itself with a trusted instrument and remembers it. */
export async function calibrateCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent calibrate', 'compare this board with a trusted instrument', calibrateSettings, argv)
  try {
    const folder = join(values.data, 'agent')
    const device = enrolledDevice(values.device, folder)
    const result = await askAgent(controlPath(folder, device), 'calibrate', argumentsOf(values))
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else if (result.ok) process.stdout.write(`${inWords(values.signal ?? '', result.data ?? {})}\n`)
    else process.stderr.write(`vigil-agent calibrate: ${result.why}\n`)
    if (!result.ok) process.exitCode = EXIT_FAILED
  } catch (error) {
    failWith('vigil-agent calibrate', error)
  }
}

function argumentsOf({ signal, reference }: { signal: string | undefined; reference: string | undefined }): Record<string, unknown> {
  if (signal === undefined) throw new AppError('SETTINGS_INVALID', 'Say what to calibrate: vigil-agent calibrate --signal spo2 --reference 97')
  if (reference === undefined) return { signal }
  const value = Number(reference)
  if (!Number.isFinite(value)) throw new AppError('SETTINGS_INVALID', `--reference must be a number, not "${reference}".`)
  return { signal, reference: value }
}

/** What the board has taken over, as a person at the board wants to hear it. */
function inWords(signal: string, { offset, zeroPa, points, curve, next }: Readonly<Record<string, unknown>>): string {
  if (typeof next === 'string') return next
  if (typeof offset === 'number') return `Calibrated: ${offset < 0 ? '' : '+'}${offset.toFixed(2)} Cel is added to ${signal} from now on.`
  if (typeof zeroPa === 'number') return `Calibrated: ${zeroPa.toFixed(1)} Pa count as zero from now on.`
  const { name, version } = (curve ?? {}) as { name?: string; version?: number }
  return `Calibrated with ${String(points)} points: ${signal} follows curve ${String(name)}, version ${String(version)}, from now on.`
}
