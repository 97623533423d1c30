import type { NewAlinkDevice } from '@vigil/contract/api/devices'

export interface AlinkDraft {
  readonly productKey: string
  readonly deviceName: string
  readonly secret: string
  readonly services: string
  readonly settings: string
}

/** What was typed as the API takes it; lists are written with spaces or commas between. */
export function alinkOf({ productKey, deviceName, secret, services, settings }: AlinkDraft): NewAlinkDevice {
  return { productKey, deviceName, ...(secret === '' ? {} : { secret }), services: namesIn(services), settings: namesIn(settings) }
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '')
}
