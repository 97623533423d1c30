import type { Clock } from '@vigil/contract/clock'
import { AppError } from '@vigil/contract/errors'
import type { I2cBus } from '../bus/i2c.ts'
import type { Indicator } from '../commands/base-commands.ts'
import { type Bedside, createBedside, type BedsideOptions } from '../panel/bedside.ts'
import type { PanelHardware, Sounder } from '../panel/panel.ts'
import { strangersIn } from '../panel/font.ts'
import { ssd1306 } from '../panel/ssd1306.ts'
import { linuxButtons } from './linux-buttons.ts'
import { linuxSounder } from './linux-sounder.ts'
import type { PanelWatch } from './panel-look.ts'

/** What is soldered to the board beside its sensors, as its settings say; `undefined`: it is not there. */
export interface PanelParts {
  /** `ssd1306` or `ssd1306@0x3d`. */
  readonly display: string | undefined
  /** Name under /sys/class/leds. */
  readonly buzzer: string | undefined
  /** Input devices, separated by commas. */
  readonly buttons: string | undefined
}

export interface BoardPanelOptions {
  readonly parts: PanelParts
  readonly bus: I2cBus
  readonly clock: Clock
  readonly identity: BedsideOptions['identity']
  readonly log: BedsideOptions['log']
  /** Keeps what the parts show, where people want to look at them from elsewhere. */
  readonly watch?: PanelWatch
  /** An emulated board has a buzzer that nobody hears. */
  readonly emulated?: boolean
}

export const DISPLAY_ADDRESSES = [0x3c, 0x3d] as const

/** @throws AppError `SETTINGS_INVALID`. */
export function openBoardPanel({ parts, bus, clock, identity, log, watch, emulated = false }: BoardPanelOptions): Bedside {
  const address = parts.display === undefined ? undefined : displayAddress(parts.display)
  const sounder = emulated ? noSound : parts.buzzer === undefined ? undefined : linuxSounder(parts.buzzer, log)
  const hardware: PanelHardware = {
    ...(address !== undefined && { screen: ssd1306({ i2c: bus.open({ address }), clock }) }),
    ...(sounder && { sounder }),
    ...(parts.buttons !== undefined && { buttons: linuxButtons(parts.buttons.split(','), log) }),
  }
  return createBedside({ clock, identity, log, hardware: watch?.hardware(hardware) ?? hardware })
}

const noSound: Sounder = { set: () => {} }

function displayAddress(text: string): number {
  const address = Number(/^ssd1306(?:@(0x[0-9a-f]{2}))?$/i.exec(text)?.[1] ?? (text === 'ssd1306' ? DISPLAY_ADDRESSES[0] : Number.NaN))
  if (DISPLAY_ADDRESSES.some((one) => one === address)) return address
  throw new AppError('SETTINGS_INVALID', `VIGIL_DISPLAY must be ssd1306, ssd1306@0x3c or ssd1306@0x3d, not "${text}".`)
}

/** How long a text from the centre stands, unless somebody presses a button before. */
const TEXT_SECONDS = 120

/** The command `display`, for a board that has one; without, the command is refused with that reason. */
export function displayControl(bedside: Bedside): { display?(text: string): void } {
  return bedside.hasScreen ? { display: (text) => show(bedside, text) } : {}
}

/** @throws AppError `INVALID_REQUEST`: question marks at the bedside are worse than an answer to who sent them. */
function show(bedside: Bedside, text: string): void {
  const strangers = strangersIn(text)
  if (strangers.length > 0) throw new AppError('INVALID_REQUEST', `The display has Latin capitals, digits and a few signs; it cannot show ${strangers.join(' ')}. Write the text without.`)
  bedside.message(text, TEXT_SECONDS)
}

/** What a person beside the board notices while somebody looks for it: its light, its sound, its name on the display. */
export function bedsideIndicator(light: Indicator, bedside: Bedside, { hasBuzzer }: { readonly hasBuzzer: boolean }): Indicator {
  const kinds = [light.kind, ...(hasBuzzer ? ['buzzer'] : []), ...(bedside.hasScreen ? ['display'] : [])]
  return {
    kind: kinds.join(', '),
    set(on) {
      light.set(on)
      bedside.call(on)
    },
  }
}
