import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import { type SettingSpec } from '@vigil/contract/settings'
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
    else if (result.ok) process.stdout.write(`Calibrated: ${JSON.stringify(result.data ?? {})}\n`)
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
