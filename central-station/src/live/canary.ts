import { createHmac } from 'node:crypto'

/** A device of our own that watches nobody. No list of devices shows it. */
export const CANARY_DEVICE = 'vigil-canary'
export const CANARY_SITE = 'main'

/** The canary signs in like any board; its secret follows from the installation's own, so it stands nowhere. */
export function canarySecret(pepper: Buffer): string {
  return createHmac('sha256', pepper).update('secret of the canary').digest('base64url')
}
