import { connect as dial, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { type Certificate, makeAuthority } from '@vigil/ops/testing/certificates'
import type { Link, LinkHandlers } from '../../src/link/link.ts'
import { mqttLink } from '../../src/link/mqtt-link.ts'
import { eventually } from '../support/eventually.ts'
import { seeded } from '../support/seeded.ts'
import { startTestBroker } from '../support/test-broker.ts'

const ward = makeAuthority('The ward')
const stranger = makeAuthority('A stranger')
const elsewhere = makeAuthority('The ward', 'DNS:elsewhere.example,IP:192.0.2.1')
const UNKNOWN = 'The certificate of the broker is not signed by the CA given to this device'

/** TLS in front of a port: what it was given to read, in clear. */
async function tlsTo(port: number, { cert, key }: Certificate): Promise<{ readonly port: number; read(): string }> {
  let text = ''
  const server = createServer({ cert, key }, (near) => {
    const far = dial(port, '127.0.0.1')
    near.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      far.write(bytes)
    })
    far.on('data', (bytes) => near.write(bytes))
    for (const [one, other] of [[near, far], [far, near]] as const) one.on('error', () => {}).on('close', () => other.destroy())
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, read: () => text }
}

function station(url: string, ca: string): { readonly link: Link; readonly online: () => boolean } {
  let online = false
  const none = (): void => {}
  const handlers: LinkHandlers = { birth: () => ({ st: 'online', e: 'abcd0001', upto: 7 }), online: () => void (online = true), offline: none, receipt: none, desiredConfig: none, command: none, unreadableCommand: none, alarmsAtCentre: none, serverTime: none }
  const link = mqttLink({ address: { site: 'main', device: 'board-1' }, url, ca, secret: 'known-to-two', clock: systemClock, random: seeded(5), epoch: 'abcd0001', log: none })
  onTestFinished(() => link.stop())
  link.start(handlers)
  return { link, online: () => online }
}

describe('the link over TLS', () => {
  it.each([['mqtts://localhost'], ['mqtts://127.0.0.1']])('trusts a broker its own authority vouches for, by name and by address (%s)', async (at) => {
    const broker = await startTestBroker()
    const tls = await tlsTo(broker.port, ward.sign('broker'))
    const { online } = station(`${at}:${tls.port}`, ward.ca)
    await eventually(() => expect(online()).toBe(true))
  })

  it.each([
    ['a stranger signed', stranger, 'mqtts://127.0.0.1', UNKNOWN],
    ['is for another name', elsewhere, 'mqtts://localhost', 'The certificate of the broker is for another name than the address given'],
    ['is for another address', elsewhere, 'mqtts://127.0.0.1', 'The certificate of the broker is for another name than the address given'],
  ] as const)('says nothing, least of all its secret, to one whose certificate %s', async (_, authority, at, why) => {
    const broker = await startTestBroker()
    const tls = await tlsTo(broker.port, authority.sign('broker'))
    const { link, online } = station(`${at}:${tls.port}`, authority === stranger ? ward.ca : authority.ca)
    await eventually(() => expect(link.status().why).toBe(why))
    expect(online()).toBe(false)
    expect(tls.read()).toBe('')
  })
})
