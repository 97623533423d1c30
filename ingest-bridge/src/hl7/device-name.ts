import { createHash } from 'node:crypto'

/**
 * Device id for a sender (MSH-3, `namespace^universal id^type`): its universal id where it has one, else its name, in the
 * letters a device id may have. What had to be changed to fit is told apart by a piece of its hash.
 */
export function deviceNameOf(sender: string): string {
  const [namespace = '', universal = ''] = sender.split('^')
  const chosen = (universal || namespace || 'unnamed').trim()
  const plain = chosen.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 48)
  const changed = plain !== chosen || chosen === 'unnamed'
  return `hl7-${plain}${changed ? `-${createHash('sha256').update(sender).digest('hex').slice(0, 8)}` : ''}`
}
