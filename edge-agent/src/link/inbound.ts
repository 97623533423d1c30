import { type DeviceAddress, parseTopic, timeTopic, topicOf } from '@vigil/contract/topics'
import { readAlarmConfirmation, readCommand, readDesiredConfig, readReceipt, readTimeBeacon, type Readable } from './inbound-messages.ts'
import type { LinkHandlers } from './link.ts'

/** Nothing a server sends a device is larger; checked before it is parsed. */
export const MOST_INBOUND_BYTES = 64 * 1024

/** What a device listens to, with the quality of service of each. Without some of it, it can do its work all the same. */
export function subscriptions(address: DeviceAddress): Record<string, { qos: 0 | 1; mayLack?: true }> {
  return {
    [topicOf(address, 'receipt')]: { qos: 1 },
    [topicOf(address, 'config/desired')]: { qos: 1 },
    [topicOf(address, 'command')]: { qos: 1 },
    // The board then sounds by itself: the safe side.
    [topicOf(address, 'alarm')]: { qos: 1, mayLack: true },
    [timeTopic(address.site)]: { qos: 0, mayLack: true },
  }
}

/** What the broker says, retained, when the device is gone without a goodbye. */
export function lastWill(address: DeviceAddress, epoch: string): { readonly topic: string; readonly payload: string } {
  return { topic: topicOf(address, 'state'), payload: JSON.stringify({ st: 'lost', e: epoch }) }
}

/** Reads one message from the server and tells the agent. False when it could not be read. */
export function deliver(address: DeviceAddress, topic: string, text: string, handlers: LinkHandlers): boolean {
  const value = parse(text)
  if (topic === timeTopic(address.site)) return pass(readTimeBeacon(value), ({ t }) => handlers.serverTime(t))
  const channel = parseTopic(topic)?.channel
  if (channel === 'receipt') return pass(readReceipt(value), (receipt) => handlers.receipt(receipt))
  if (channel === 'config/desired') return pass(readDesiredConfig(value), (desired) => handlers.desiredConfig(desired))
  if (channel === 'alarm') return pass(readAlarmConfirmation(value), (confirmation) => handlers.alarmsAtCentre(confirmation))
  if (channel !== 'command') return false
  const command = readCommand(value)
  if (command.ok) handlers.command(command.value)
  else handlers.unreadableCommand(idOf(value), command.reason)
  return command.ok
}

function parse(text: string): unknown {
  if (text.length > MOST_INBOUND_BYTES) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function pass<T>(checked: Readable<T>, to: (value: T) => void): boolean {
  if (checked.ok) to(checked.value)
  return checked.ok
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? id : undefined
}
