import { connectAsync } from 'mqtt'
import { checkReceipt, type Range, type Receipt, topicOf, type UpChannel, unionRanges } from '@vigil/contract'

export interface Board {
  readonly receipts: readonly Receipt[]
  /** What its receipts say of an epoch, joined. */
  covered(epoch: string): readonly Range[]
  send(channel: UpChannel, body: unknown, options?: { retain?: boolean; qos?: 0 | 1 }): Promise<void>
  sendRaw(channel: UpChannel, payload: Buffer | string): Promise<void>
  close(): Promise<void>
}

/** A device as a foreign MQTT client would play it: publishes what it is told and remembers its receipts. */
export async function connectBoard(url: string, device: string, site = 'main'): Promise<Board> {
  const client = await connectAsync(url, { clientId: device, username: device, reconnectPeriod: 200, connectTimeout: 5_000 })
  const receipts: Receipt[] = []
  client.on('error', () => {})
  client.on('message', (_topic, payload) => {
    const checked = checkReceipt(JSON.parse(payload.toString()))
    if (checked.ok) receipts.push(checked.value)
  })
  await client.subscribeAsync(topicOf({ site, device }, 'receipt'), { qos: 1 })
  const sendRaw = async (channel: UpChannel, payload: Buffer | string, { retain = false, qos = 1 }: { retain?: boolean; qos?: 0 | 1 } = {}): Promise<void> => {
    await client.publishAsync(topicOf({ site, device }, channel), payload, { qos, retain })
  }
  return {
    receipts,
    covered: (epoch) =>
      receipts.filter((receipt) => receipt.e === epoch).reduce<Range[]>((all, { upto, have = [] }) => unionRanges(all, [...(upto > 0 ? [[1, upto] satisfies Range] : []), ...have]), []),
    send: (channel, body, options) => sendRaw(channel, JSON.stringify(body), options),
    sendRaw,
    close: () => client.endAsync(true),
  }
}

/** A believable telemetry object. */
export function reading(epoch: string, seq: number, t: number, m: Record<string, number> = { pr: 72, spo2: 97.5 }) {
  return { e: epoch, s: seq, t, m }
}
