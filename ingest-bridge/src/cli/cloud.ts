import { AppError, type SettingSpec, type SettingsOf } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import type { AmqpAddress } from '../sources/amqp-address.ts'
import { cloudAddress } from '../sources/cloud-address.ts'

/** What taking data from Alibaba Cloud IoT needs, beside `VIGIL_AMQP_URL`. */
export const cloudSettings = {
  cloudKey: { env: 'VIGIL_CLOUD_KEY', kind: 'string', description: 'mode cloud: access key id' },
  cloudSecret: { env: 'VIGIL_CLOUD_SECRET', kind: 'string', secret: true, description: 'mode cloud: its secret' },
  cloudGroup: { env: 'VIGIL_CLOUD_GROUP', kind: 'string', default: 'DEFAULT_GROUP', description: 'mode cloud: consumer group' },
  cloudInstance: { env: 'VIGIL_CLOUD_INSTANCE', kind: 'string', default: '', description: 'mode cloud: instance id; empty for the public one' },
  cloudClient: { env: 'VIGIL_CLOUD_CLIENT', kind: 'string', default: 'vigil', description: 'mode cloud: client id' },
  site: { env: 'VIGIL_SITE', kind: 'string', default: 'main', description: 'mode cloud: site its devices are registered at' },
} as const satisfies Record<string, SettingSpec>

export type CloudSettings = SettingsOf<typeof cloudSettings>

/** @throws AppError `SETTINGS_INVALID` naming what is missing. */
export function cloudOf(settings: CloudSettings, url: string | undefined, ca: string | undefined): AmqpAddress {
  const { cloudKey: keyId, cloudSecret: secret } = settings
  if (url === undefined || keyId === undefined || secret === undefined) throw new AppError('SETTINGS_INVALID', 'The bridge in mode cloud needs VIGIL_AMQP_URL, VIGIL_CLOUD_KEY and VIGIL_CLOUD_SECRET.')
  const { cloudGroup: group, cloudInstance: instance, cloudClient: clientId, site } = settings
  return cloudAddress({ url, keyId, secret, group, instance, clientId, site, ca }, () => systemClock.now())
}
