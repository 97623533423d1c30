import { type DeviceAddress, unpackQuality, type UpChannel } from '@vigil/contract'
import { type EventItem, type GapItem, type SampleItem, SampleFlag } from '../pipeline/item.ts'

type FedItem = SampleItem | EventItem | GapItem

/** One committed object as the feed keeps it. The object is what is in the database: values judged, time dated. */
export interface FeedEntry {
  readonly channel: UpChannel
  readonly address: DeviceAddress
  readonly epoch: string
  readonly seq: number
  /** Milliseconds since the Unix epoch at which a bridge received it. */
  readonly receivedAt: number
  readonly object: Readonly<Record<string, unknown>>
}

type Packed = [channel: UpChannel, device: string, epoch: string, seq: number, receivedAt: number, object: Record<string, unknown>]

/** The entry of a batch's item; a dead letter has none. */
export function entryOf(item: FedItem): FeedEntry | undefined {
  const { address, receivedAt } = item.from
  if (!address) return undefined
  const { epoch, seq } = item
  return { channel: channelOf(item), address, epoch, seq, receivedAt, object: objectOf(item) }
}

export function packEntries(entries: readonly FeedEntry[]): string {
  return JSON.stringify(entries.map(({ channel, address, epoch, seq, receivedAt, object }) => [channel, `${address.site}/${address.device}`, epoch, seq, receivedAt, object]))
}

export function unpackEntries(text: string): FeedEntry[] {
  return (JSON.parse(text) as Packed[]).map(([channel, path, epoch, seq, receivedAt, object]) => {
    const [site = '', device = ''] = path.split('/')
    return { channel, address: { site, device }, epoch, seq, receivedAt, object }
  })
}

function channelOf(item: FedItem): UpChannel {
  if (item.kind === 'event') return 'event'
  return item.kind === 'sample' && (item.flags & SampleFlag.backlog) === 0 ? 'tele' : 'backlog'
}

function objectOf(item: FedItem): Record<string, unknown> {
  const key = { e: item.epoch, s: item.seq }
  if (item.kind === 'gap') return { ...key, gap: item.lost }
  if (item.kind === 'event') return { ...key, t: item.t, ev: item.ev, ph: item.phase, src: item.src, data: parsed(item.data) }
  const { q, x, sq } = unpackQuality(item.quality)
  // Signals without a column stand among the values as well, and need not be told twice.
  const { m: _, ...other } = (parsed(item.other) ?? {}) as Record<string, unknown>
  return { ...key, t: item.t, m: item.values, q: filled(q), x: filled(x), sq: filled(sq), ...other }
}

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))
const filled = <T extends object>(part: T | undefined): T | undefined => (part && Object.keys(part).length > 0 ? part : undefined)
