import { readFileSync } from 'node:fs'

/** Linux gives each start of the machine a name of its own (random(4)). */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Names this start of the machine; `undefined` where nothing tells. */
export function thisMachineStart(): string | undefined {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return undefined
  }
}
