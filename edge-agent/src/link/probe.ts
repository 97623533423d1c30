import type { Clock } from '@vigil/contract/clock'
import { type DeviceAddress, timeTopic, topicOf } from '@vigil/contract/topics'
import { readTimeBeacon } from './inbound-messages.ts'
import { openMqttSession } from './mqtt-session.ts'

export interface ProbeOptions {
  readonly address: DeviceAddress
  readonly url: string
  readonly secret: string
  readonly ca: string | undefined
  readonly patienceMs: number
}

export interface ProbeResult {
  /** Why the broker did not let the device in; `undefined` when it did. */
  readonly refused: string | undefined
  /** Server time less this board's, ms; `undefined` when no beacon came in time. */
  readonly clockOffMs: number | undefined
}

/**
 * Signs in as the device beside its running agent (another client id), and listens for the server's time. Says nothing, so that
 * nothing on the ward changes.
 */
export async function probeBroker({ address, url, secret, ca, patienceMs }: ProbeOptions, clock: Clock): Promise<ProbeResult> {
  const entry = Promise.withResolvers<string | undefined>()
  const time = Promise.withResolvers<number | undefined>()
  const beaconTopic = timeTopic(address.site)
  const session = openMqttSession(
    { url, ca, clientId: `${address.device}-doctor`, username: address.device, password: secret, subscriptions: { [beaconTopic]: { qos: 0 }, [topicOf(address, 'receipt')]: { qos: 1 } }, clock },
    {
      ready: () => entry.resolve(undefined),
      ended(why) {
        entry.resolve(why)
        time.resolve(undefined)
      },
      message(topic, text) {
        const beacon = readTimeBeacon(topic === beaconTopic ? parse(text ?? '') : undefined)
        if (beacon.ok) time.resolve(beacon.value.t - clock.now())
      },
    },
  )
  const within = async <T>(answer: PromiseWithResolvers<T>, otherwise: T): Promise<T> => {
    const stopWaiting = clock.after(patienceMs, () => answer.resolve(otherwise))
    return answer.promise.finally(stopWaiting)
  }
  const refused = await within(entry, 'The broker does not answer')
  const clockOffMs = refused === undefined ? await within(time, undefined) : undefined
  session.cut()
  return { refused, clockOffMs }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
