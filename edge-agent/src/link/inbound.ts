import { checkCommand } from '@vigil/contract/messages/command'
import { checkDesiredConfig } from '@vigil/contract/messages/config'
import { checkReceipt } from '@vigil/contract/messages/receipt'
import { checkTimeBeacon } from '@vigil/contract/messages/time'
import { type DeviceAddress, parseTopic, timeTopic, topicOf } from '@vigil/contract/topics'
import { type LinkHandlers } from './link.ts'

/** Nothing a server sends a device is larger; checked before it is parsed. */
const MOST_BYTES = 64 * 1024

/** What a device listens to, with the quality of service of each. */
export function subscriptions(address: DeviceAddress): Record<string, { qos: 0 | 1 }> {
  return {
    [topicOf(address, 'receipt')]: { qos: 1 },
    [topicOf(address, 'config/desired')]: { qos: 1 },
    [topicOf(address, 'command')]: { qos: 1 },
    [timeTopic(address.site)]: { qos: 0 },
  }
}

/** Reads one message from the server and tells the agent. False when it could not be read. */
export function deliver(address: DeviceAddress, topic: string, payload: Uint8Array, handlers: LinkHandlers): boolean {
  const value = parse(payload)
  if (topic === timeTopic(address.site)) return pass(checkTimeBeacon(value), ({ t }) => handlers.serverTime(t))
  const channel = parseTopic(topic)?.channel
  if (channel === 'receipt') return pass(checkReceipt(value), (receipt) => handlers.receipt(receipt))
  if (channel === 'config/desired') return pass(checkDesiredConfig(value), (desired) => handlers.desiredConfig(desired))
  if (channel !== 'command') return false
  const command = checkCommand(value)
  if (command.ok) handlers.command(command.value)
  else handlers.unreadableCommand(idOf(value), command.reason)
  return command.ok
}

function parse(payload: Uint8Array): unknown {
  if (payload.length > MOST_BYTES) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
}

function pass<T>(checked: { ok: true; value: T } | { ok: false; reason: string }, to: (value: T) => void): boolean {
  if (checked.ok) to(checked.value)
  return checked.ok
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? id : undefined
}
