import type { Indicator } from '../commands/base-commands.ts'
import type { CommandResult } from '../commands/command-machine.ts'
import type { Bedside } from '../panel/bedside.ts'
import type { Button, PanelHardware, Screen } from '../panel/panel.ts'

/** What somebody beside the board would see and hear now, as `vigil-agent display` tells it. */
export interface PanelLook {
  /** Base64 of 1,024 bytes as `Frame.bytes`; null without a display, or before its first picture. */
  readonly picture: string | null
  readonly hasDisplay: boolean
  readonly light: 'usual' | 'blinks'
  readonly buzzer: NonNullable<Bedside['sounds']> | 'silent' | 'none'
}

/** Keeps what was last sent to display, light and buzzer, for people who are not beside them. */
export interface PanelWatch {
  /** The same parts, watched. */
  hardware(parts: PanelHardware): PanelHardware
  light(indicator: Indicator): Indicator
  look(bedside: Bedside): PanelLook
  /** As if somebody had pressed it; ends when the display shows what came of it. */
  press(button: Button): Promise<void>
}

export function watchPanel(): PanelWatch {
  let picture: Uint8Array | undefined
  let blinks = false
  let parts: PanelHardware = {}
  let waiting: (() => void)[] = []
  const listeners: ((button: Button) => void)[] = []

  const watched = (screen: Screen): Screen => ({
    async show(frame) {
      const heard = waiting
      waiting = []
      await screen.show(frame)
      picture = frame.slice()
      for (const drawn of heard) drawn()
    },
    close: () => screen.close(),
  })
  return {
    hardware(given) {
      parts = given
      const { screen, buttons } = given
      return {
        ...given,
        ...(screen && { screen: watched(screen) }),
        buttons: {
          onPress(heard) {
            listeners.push(heard)
            buttons?.onPress(heard)
          },
          close: () => buttons?.close(),
        },
      }
    },
    light: (indicator) => ({
      kind: indicator.kind,
      set(on) {
        blinks = on
        indicator.set(on)
      },
    }),
    look: ({ sounds }) => ({
      picture: picture === undefined ? null : Buffer.from(picture).toString('base64'),
      hasDisplay: parts.screen !== undefined,
      light: blinks ? 'blinks' : 'usual',
      buzzer: parts.sounder === undefined ? 'none' : (sounds ?? 'silent'),
    }),
    press(button) {
      const drawn = parts.screen === undefined ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))
      for (const heard of listeners) heard(button)
      return drawn
    },
  }
}

/** What `vigil-agent display` asks on the agent's own socket; no command of the device protocol. */
export const PANEL = 'panel'
const buttons: readonly Button[] = ['measure', 'menu']

/**
 * Looks at the panel, and presses its buttons where the board is emulated: on a real one a button is what silences an alarm, and that is for
 * whoever stands beside the patient.
 */
export async function askPanel(watch: PanelWatch, bedside: Bedside, { press }: Readonly<Record<string, unknown>>, emulated: boolean): Promise<CommandResult> {
  if (press !== undefined) {
    const button = buttons.find((one) => one === press)
    if (button === undefined) return { ok: false, why: 'The buttons are measure and menu.' }
    if (!emulated) return { ok: false, why: 'The buttons of a real board are pressed at the board: one of them silences its alarm.' }
    await watch.press(button)
  }
  return { ok: true, data: { ...watch.look(bedside) } }
}
