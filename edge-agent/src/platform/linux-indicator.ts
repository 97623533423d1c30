import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Indicator } from '../commands/base-commands.ts'

const LED_FOLDER = '/sys/class/leds'
/** The green light of a Raspberry Pi, by its names in different kernels. */
const LED_NAMES = ['ACT', 'led0', 'PWR']

/**
 * The board's own light, blinking while a person looks for it. Boards without one, or whose light this user may not
 * switch, say so in the log: then the answer to `identify` tells that nothing could be seen.
 */
export function linuxIndicator(log: (event: string, facts: Readonly<Record<string, unknown>>) => void, folder = LED_FOLDER): Indicator {
  const name = LED_NAMES.find((one) => existsSync(join(folder, one, 'trigger')))
  if (name === undefined) return logIndicator(log)
  const path = join(folder, name, 'trigger')
  let usual: string | undefined
  return {
    kind: `LED ${name}`,
    set(on) {
      try {
        // The trigger in use stands in brackets: none [mmc0] timer
        usual ??= /\[(\S+)\]/.exec(readFileSync(path, 'utf8'))?.[1] ?? 'none'
        writeFileSync(path, on ? 'timer' : usual)
      } catch (error) {
        log('identify.led_refused', { led: name, why: error instanceof Error ? error.message : String(error) })
      }
    },
  }
}

/** For boards with nothing to show: the log is the only sign. */
export function logIndicator(log: (event: string, facts: Readonly<Record<string, unknown>>) => void): Indicator {
  return { kind: 'log', set: (on) => log('identify', { on }) }
}
