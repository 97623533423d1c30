import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { startMosquitto } from '../support/mosquitto.ts'

export interface Bench {
  readonly url: string
  readonly port: number
  /** Numbers that were receipted, by epoch. */
  readonly stored: ReadonlyMap<string, ReadonlySet<number>>
}

interface Numbered {
  readonly e: string
  readonly s: number
  readonly gap?: readonly [number, number]
}

const BEACON_EVERY_MS = 1_000

/** A real Mosquitto with a bridge behind it that receipts what it hears, and tells the time. */
export async function startBench(device: string): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-conformance-'))
  const port = await freePort()
  writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`)
  const broker = await startMosquitto(folder)
  const url = `mqtt://127.0.0.1:${port}`
  const bridge = await connectAsync(url, { clientId: 'bench-bridge' })
  const topic = (channel: string): string => `vitals/1/main/${device}/${channel}`
  const stored = new Map<string, Set<number>>()

  const receipt = (epoch: string): void => {
    const have = stored.get(epoch) ?? new Set<number>()
    stored.set(epoch, have)
    let upto = 0
    while (have.has(upto + 1)) upto += 1
    bridge.publish(topic('receipt'), JSON.stringify({ e: epoch, upto }), { qos: 1 })
  }
  const take = ({ e, s, gap }: Numbered): void => {
    const have = stored.get(e) ?? new Set<number>()
    stored.set(e, have)
    have.add(s)
    for (let n = gap?.[0] ?? 1; n <= (gap?.[1] ?? 0); n += 1) have.add(n)
  }
  bridge.on('message', (to, payload) => {
    const value = JSON.parse(payload.toString('utf8')) as Numbered | readonly Numbered[] | { st: string; e: string }
    if (to === topic('state')) {
      if ('st' in value && value.st === 'online') receipt(value.e)
      return
    }
    const objects = [value].flat() as Numbered[]
    objects.forEach(take)
    if (objects[0]) receipt(objects[0].e)
  })
  await bridge.subscribeAsync(['state', 'tele', 'backlog', 'event'].map(topic), { qos: 1 })
  const beacon = (): void => void bridge.publish('vitals/1/main/$time', JSON.stringify({ t: systemClock.now() }))
  const stopBeacon = systemClock.every(BEACON_EVERY_MS, beacon)
  onTestFinished(async () => {
    stopBeacon()
    await bridge.endAsync(true)
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { url, port, stored }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
