import { readFileSync } from 'node:fs'
import { arch, hostname, platform } from 'node:os'

/** The board's own name for itself (device tree), or what the operating system says. */
export function hardwareName(): string {
  try {
    return readFileSync('/proc/device-tree/model', 'utf8').replaceAll('\0', '').slice(0, 64)
  } catch {
    return `${platform()} ${arch()} ${hostname()}`.slice(0, 64)
  }
}
