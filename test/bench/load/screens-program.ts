import { performance } from 'node:perf_hooks'
import type { LiveFrame, LiveRequest } from '@vigil/contract'
import { WebSocket } from 'ws'
import { quantile } from '../framework/statistics.ts'
import { answerOrders } from './forked.ts'
import type { Heard, OpenScreens, ScreensOrder } from './screens.ts'
import { CONNACK, connectPacket, PacketCutter, PUBLISH, subscribePacket } from './wire.ts'

const KEEPALIVE_S = 120
const OPEN_WITHIN_MS = 10_000

let delaysMs: number[] = []
/** Wall clock minus monotonic: boards stamp whole milliseconds, so half of one is lost on the average. */
let offsetMs = Date.now() - performance.now()

answerOrders<ScreensOrder>(async (order): Promise<Heard> => {
  if (order.do === 'begin') {
    delaysMs = []
    offsetMs = Date.now() - performance.now()
  } else if (order.do !== 'tell') await Promise.all(Array.from({ length: order.screens }, (_, i) => (order.do === 'open-live' ? openLive(order) : openMqtt(order, i))))
  return { deliveries: delaysMs.length, p50Ms: quantile(delaysMs, 0.5), p99Ms: quantile(delaysMs, 0.99) }
})

function hear(t: number): void {
  delaysMs.push(offsetMs + performance.now() - t)
}

/** A ward screen as the app opens it, without the drawing. */
function openLive({ url, token, wards }: Extract<OpenScreens, { do: 'open-live' }>): Promise<void> {
  const { socket, opened, ready } = open(new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false }))
  const request: LiveRequest = { type: 'watch', wards: [...wards] }
  let wardsHeard = 0
  socket.on('open', () => socket.send(JSON.stringify(request)))
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as LiveFrame
    if (frame.type === 'ward' && ++wardsHeard === wards.length) ready()
    if (frame.type !== 'values') return
    for (const { values } of frame.devices) if (values?.['pr']) hear(values['pr'].t)
  })
  return opened
}

/** A page that speaks MQTT over WebSocket to the broker itself, as many dashboards do. */
function openMqtt({ url, filter }: Extract<OpenScreens, { do: 'open-mqtt' }>, number: number): Promise<void> {
  const { socket, opened, ready } = open(new WebSocket(url, ['mqtt'], { perMessageDeflate: false }))
  socket.on('open', () => socket.send(connectPacket({ clientId: `screen-${number}`, username: '', password: '', keepaliveS: KEEPALIVE_S })))
  const cutter = new PacketCutter((type, _flags, bytes, from, to) => {
    if (type === CONNACK) socket.send(subscribePacket(1, filter, 0))
    else if (type === PUBLISH) hear((JSON.parse(bytes.toString('utf8', from + 2 + bytes.readUInt16BE(from), to)) as { t: number }).t)
    else ready()
  })
  socket.on('message', (data: Buffer) => cutter.push(data))
  return opened
}

function open(socket: WebSocket): { socket: WebSocket; opened: Promise<void>; ready: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new RangeError('a screen does not open')), OPEN_WITHIN_MS)
  socket.on('error', reject)
  socket.on('close', () => reject(new RangeError('a screen was cut off')))
  return { socket, opened: promise.finally(() => clearTimeout(late)), ready: resolve }
}
