import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@vigil/ops/testing'
import type { IConnectPacket, IPublishPacket, Packet } from 'mqtt-packet'
import { connectPacket, type RawClient, rawTcp } from '../../../broker/test/support/raw-client.ts'
import { startPlainBroker } from '../plain-broker.ts'

export type { RawClient } from '../../../broker/test/support/raw-client.ts'

/** Our broker without the rules of a ward, for one file of tests, and clients that say exactly what they are told to. */
export interface Plain {
  open(): Promise<RawClient>
  /** A client that has signed in; an id of its own unless told. */
  client(connect?: Partial<IConnectPacket>): Promise<RawClient>
  stop(): Promise<void>
}

let named = 0
/** A name nobody has used: cases share a broker and must not hear each other. */
export const fresh = (): string => `n${++named}`

export async function startPlain(): Promise<Plain> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-statements-'))
  const port = await freePort()
  writeFileSync(join(folder, 'plain.conf'), `listener ${port}\nallow_anonymous true\n`)
  const broker = await startPlainBroker(['-c', 'plain.conf'], folder)
  const clients: RawClient[] = []
  const open = async () => {
    const client = await rawTcp(port)
    clients.push(client)
    return client
  }
  return {
    open,
    async client(connect = {}) {
      const client = await open()
      client.send(connectPacket({ clientId: fresh(), ...(connect as object) }))
      await client.next('connack', ({ returnCode }) => returnCode === 0)
      return client
    },
    async stop() {
      for (const client of clients) client.close()
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What was heard until the answer to a ping: the broker answers in order, so nothing more is on its way. */
export async function heardBy(client: RawClient): Promise<readonly Packet[]> {
  client.send({ cmd: 'pingreq' })
  await client.next('pingresp')
  return client.heard.splice(0)
}

export const publishOf = (topic: string, more: Partial<IPublishPacket> = {}): IPublishPacket => ({ cmd: 'publish', topic, payload: Buffer.from('x'), qos: 0, dup: false, retain: false, ...more })

/** Subscribes and answers the codes granted. */
export async function subscribeTo(client: RawClient, topic: string, qos: 0 | 1 | 2 = 0): Promise<readonly unknown[]> {
  client.send({ cmd: 'subscribe', messageId: 77, subscriptions: [{ topic, qos }] })
  return (await client.next('suback')).granted
}

/** Publishes, and returns once the broker has it. */
export async function publishTo(client: RawClient, topic: string, more: Partial<IPublishPacket> = {}): Promise<void> {
  client.send(publishOf(topic, more))
  await heardBy(client)
}
