import { AppError, isName } from '@vigil/contract'
import { signPassword } from '../subscription/signature.ts'
import { type AmqpAddress, readAmqpUrl } from './amqp-address.ts'
import { readCloudMessage } from './cloud-messages.ts'

export interface CloudAccount {
  /** `amqps://{uid}.iot-amqp.{region}.aliyuncs.com:5671`. */
  readonly url: string
  readonly keyId: string
  readonly secret: string
  readonly group: string
  /** Empty for the platform's public instance. */
  readonly instance: string
  /** Names this client among those of the group. */
  readonly clientId: string
  /** Site of ours its devices are registered at. */
  readonly site: string
  readonly ca?: string | undefined
}

/** The platform takes 30 to 300 s. */
const IDLE_MS = 60_000
const FORBIDDEN = /[|,=]/

/**
 * Alibaba Cloud IoT (AMQP server-side subscription) as an address to take data from. Each connection signs
 * anew, with the time it is made: an old signature is refused.
 * @throws AppError `SETTINGS_INVALID` for what cannot stand in a user name.
 */
export function cloudAddress({ url, keyId, secret, group, instance, clientId, site, ca }: CloudAccount, now: () => number): AmqpAddress {
  readAmqpUrl(url)
  if ([keyId, group, instance, clientId].some((part) => FORBIDDEN.test(part)) || clientId.length > 64 || !isName(site)) {
    throw new AppError('SETTINGS_INVALID', 'Key, group, instance and client id of the cloud platform hold no | , or =; the site is a site name.')
  }
  return {
    url,
    queue: '',
    ca,
    idleMs: IDLE_MS,
    signIn: () => {
      const timestamp = String(now())
      return {
        username: `${clientId}|authMode=aksign,signMethod=hmacsha1,timestamp=${timestamp},authId=${keyId},iotInstanceId=${instance},consumerGroupId=${group}|`,
        password: signPassword({ method: 'hmacsha1', keyId, secret, timestamp }),
      }
    },
    read: (message, at) => readCloudMessage(message, at, site),
  }
}
