import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sounder } from '../panel/panel.ts'

const LED_FOLDER = '/sys/class/leds'

/**
 * A buzzer on a GPIO, which the kernel drives as an "LED": `dtoverlay=gpio-led,gpio=18,label=buzzer` makes
 * /sys/class/leds/buzzer. A buzzer that refuses is said once in the log: a board that cannot sound must not fail for it.
 */
export function linuxSounder(name: string, log: (event: string, facts: Readonly<Record<string, unknown>>) => void, folder = LED_FOLDER): Sounder {
  const path = join(folder, name, 'brightness')
  let refused = false
  return {
    set(on) {
      try {
        writeFileSync(path, on ? '1' : '0')
        refused = false
      } catch (error) {
        if (!refused) log('sounder.refused', { name, why: error instanceof Error ? error.message : String(error) })
        refused = true
      }
    },
  }
}
