/** A device of our own that watches nobody. No list of devices shows it. */
export const CANARY_DEVICE = 'vigil-canary'
export const CANARY_SITE = 'main'
