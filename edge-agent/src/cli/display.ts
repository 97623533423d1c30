import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import type { SettingSpec } from '@vigil/contract/settings'
import { readSettings } from '@vigil/program/program-life'
import { halfBlocks } from '../panel/frame.ts'
import { askAgent, controlPath } from '../platform/control-socket.ts'
import { PANEL, type PanelLook } from '../platform/panel-look.ts'
import { enrolledDevice, statusSettings } from './agent-settings.ts'
import { failWith } from './fail.ts'

const FOLLOW_MS = 1_000
/** Cursor to the upper left corner, and the rest of the screen empty. */
const ANEW = '\u001B[H\u001B[J'

const displaySettings = {
  ...statusSettings,
  press: { env: 'VIGIL_PRESS', kind: 'string', description: 'measure or menu: press that button of an emulated board first' },
  follow: { env: 'VIGIL_FOLLOW', kind: 'boolean', default: false, description: 'draw it anew each second, until Ctrl+C' },
} as const satisfies Record<string, SettingSpec>

/** `vigil-agent display`: what a person beside the board sees and hears, for people who are not there or have no board. */
export async function displayCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent display', 'what the display, light and buzzer of this board show and sound', displaySettings, argv)
  try {
    const path = controlPath(join(values.data, 'agent'), enrolledDevice(values.device, join(values.data, 'agent')))
    const draw = async (press?: string): Promise<void> => {
      const look = await lookAt(path, press)
      process.stdout.write(values.json ? `${JSON.stringify(look)}\n` : `${values.follow ? ANEW : ''}${asText(look)}`)
    }
    await draw(values.press)
    while (values.follow) {
      await delay(FOLLOW_MS)
      await draw()
    }
  } catch (error) {
    failWith('vigil-agent display', error)
  }
}

async function lookAt(path: string, press: string | undefined): Promise<PanelLook> {
  const result = await askAgent(path, PANEL, press === undefined ? {} : { press })
  if (!result.ok) throw new AppError('INVALID_REQUEST', result.why)
  return result.data as unknown as PanelLook
}

const light = { usual: 'as usual', blinks: 'blinks: somebody looks for this board' } as const
const buzzer = {
  none: 'none',
  silent: 'silent',
  call: 'one long tone: somebody looks for this board',
  high: 'bursts of ten pulses: alarm of high priority',
  medium: 'three pulses: alarm of medium priority',
  low: 'one pulse: alarm of low priority',
} as const

function asText(look: PanelLook): string {
  const noPicture = look.hasDisplay ? '  (nothing drawn yet)\n' : '  No display: start the agent with --display ssd1306 (VIGIL_DISPLAY).\n'
  const picture = look.picture === null ? noPicture : halfBlocks(Buffer.from(look.picture, 'base64'))
  return `${picture}  light   ${light[look.light]}\n  buzzer  ${buzzer[look.buzzer]}\n`
}
