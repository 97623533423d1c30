import { connect } from 'mqtt'
import { type Clock } from '@vigil/contract/clock'
import { checkTimeBeacon } from '@vigil/contract/messages/time'
import { type DeviceAddress, timeTopic, topicOf } from '@vigil/contract/topics'
import { whyNotConnected } from './link-errors.ts'

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
  const client = connect(url, { clientId: `${address.device}-doctor`, username: address.device, password: secret, protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: patienceMs, manualConnect: true, ...(ca !== undefined && { ca }) })
  const refused = await new Promise<string | undefined>((resolve) => {
    client.once('connect', () => resolve(undefined))
    client.once('error', (error) => resolve(whyNotConnected(error)))
    client.once('close', () => resolve('The broker ended the connection'))
    client.connect()
  })
  const clockOffMs = refused === undefined ? await hearTime() : undefined
  await client.endAsync(true)
  return { refused, clockOffMs }

  function hearTime(): Promise<number | undefined> {
    return new Promise((resolve) => {
      const stopWaiting = clock.after(patienceMs, () => resolve(undefined))
      client.on('message', (_topic, payload) => {
        const beacon = checkTimeBeacon(parse(payload))
        if (!beacon.ok) return
        stopWaiting()
        resolve(beacon.value.t - clock.now())
      })
      client.subscribe({ [timeTopic(address.site)]: { qos: 0 }, [topicOf(address, 'receipt')]: { qos: 1 } }, (error) => {
        if (error) resolve(undefined)
      })
    })
  }
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    return undefined
  }
}
