import { createHmac } from 'node:crypto'
import { AppError } from '@vigil/contract'
import { newSecret } from '@vigil/program'
import { CANARY_DEVICE } from '../live/canary.ts'

export interface DeviceSecret {
  /** Told once. */
  readonly secret: string
  /** HMAC-SHA-256 of the secret under the installation's pepper: the broker checks against it. */
  readonly mac: Buffer
}

export function makeDeviceSecret(pepper: Buffer): DeviceSecret {
  const secret = newSecret()
  return { secret, mac: createHmac('sha256', pepper).update(secret).digest() }
}

/** The broker knows these as the house's own programs. */
const RESERVED: ReadonlySet<string> = new Set(['bridge', 'central', CANARY_DEVICE])

/** @throws AppError INVALID_REQUEST */
export function assertDeviceName(id: string, field: string): void {
  if (RESERVED.has(id)) throw new AppError('INVALID_REQUEST', `"${id}" is the name of one of Vigil's own programs. Choose another name for the device.`, { details: { field } })
}
