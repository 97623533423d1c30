import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { whyNotConnected } from '../link/link-errors.ts'
import type { ProbeResult } from '../link/probe.ts'
import type { StatusReport } from '../platform/status-file.ts'
import type { SpoolLook } from '../spool/look-into-spool.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const PATIENCE_MS = 8_000
const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 }
const DAY_MS = 86_400_000
const EXPIRES_SOON_DAYS = 14
const CLOCK_OFF_MS = 5_000
const EARLIEST_MS = Date.UTC(2025, 0, 1)
/** A running agent hears its first receipt within seconds of its first connection. */
const RECEIPT_WITHIN_OBJECTS = 30

export interface BrokerPlace {
  readonly host: string
  readonly port: number
  readonly encrypted: boolean
}

export function placeOf(url: string): BrokerPlace {
  const { protocol, hostname, port } = new URL(url)
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? (PORTS[protocol] ?? 1883) : Number(port), encrypted: protocol === 'mqtts:' || protocol === 'wss:' }
}

export async function checkName({ host }: BrokerPlace): Promise<Finding> {
  if (isIP(host) !== 0) return ok('dns', `${host} is an address, no name to look up`)
  try {
    const { address } = await lookup(host)
    return ok('dns', `${host} is ${address}`)
  } catch {
    return problem('dns', `the name ${host} is not known here`, 'Check the spelling in the address and the name server (cat /etc/resolv.conf), or use the IP address')
  }
}

export function checkReach({ host, port }: BrokerPlace): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: PATIENCE_MS })
    const end = (finding: Finding): void => {
      socket.destroy()
      resolve(finding)
    }
    socket.once('connect', () => end(ok('network', `${host}:${port} answers`)))
    socket.once('timeout', () => end(problem('network', `${host}:${port} does not answer within ${PATIENCE_MS / 1_000} s`, 'A firewall or a wrong address: open the port on the server, or check --url')))
    socket.once('error', (error) => end(problem('network', whyNotConnected(error), 'Check that the server runs, its address and the firewall')))
  })
}

/** @param nowMs wall clock of this board */
export function checkTls({ host, port, encrypted }: BrokerPlace, ca: string | undefined, nowMs: number): Promise<Finding> {
  if (!encrypted) return Promise.resolve(isHere(host) ? ok('tls', 'not needed: the broker is on this computer') : warning('tls', 'the connection is not encrypted', 'Use an mqtts:// address'))
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) }, () => {
      const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - nowMs) / DAY_MS)
      socket.destroy()
      resolve(days < EXPIRES_SOON_DAYS ? warning('tls', `the certificate of the broker ends in ${days} days`, 'Tell your operator') : ok('tls', `the certificate is trusted${ca === undefined ? ' by this system' : ''}, for another ${days} days`))
    })
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy()
      resolve(problem('tls', `${host}:${port} takes the connection and then says nothing for ${PATIENCE_MS / 1_000} s`, 'The broker hangs, or something else listens there: npm run doctor on the server'))
    })
    socket.once('error', (error) => {
      const code = 'code' in error ? String(error.code) : ''
      if (code === 'CERT_NOT_YET_VALID') return resolve(problem('tls', 'The certificate is not valid yet: the clock of this board is behind', 'Set the clock: timedatectl set-ntp true'))
      const aboutCertificate = code.includes('CERT') || code.includes('VERIFY')
      resolve(problem('tls', whyNotConnected(error), aboutCertificate ? 'Enrol this board again to get the right CA, or give it with --ca' : 'Check the address and the port, and the server: npm run doctor there'))
    })
  })
}

export function checkSignIn({ refused }: ProbeResult): Finding {
  return refused === undefined ? ok('credentials', 'the broker lets this device in') : problem('credentials', refused, 'If the secret was rotated or revoked, make a code in the app and enrol this board again')
}

export function checkClock({ clockOffMs }: Pick<ProbeResult, 'clockOffMs'>, nowMs: number): Finding {
  const isSet = nowMs >= EARLIEST_MS
  if (clockOffMs === undefined) return isSet ? warning('clock', `set (${new Date(nowMs).toISOString()}) and not confirmed: the server's time was not heard`, 'The agent dates what it measures anew once it hears the server; until then look at the clock by timedatectl') : problem('clock', `not set (${new Date(nowMs).toISOString()})`, 'timedatectl set-ntp true, and let the board reach a time server')
  if (Math.abs(clockOffMs) <= CLOCK_OFF_MS) return ok('clock', `agrees with the server's`)
  return warning('clock', `${roughly(Math.abs(clockOffMs) / 1_000)} ${clockOffMs > 0 ? 'behind' : 'ahead of'} the server's`, "The agent uses the server's time meanwhile; set the clock: timedatectl set-ntp true")
}

const spans = [['days', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const

/** In the unit of which there are at least two. */
function roughly(seconds: number): string {
  const [unit, length] = spans.find(([, one]) => seconds >= 2 * one) ?? ['s', 1]
  return `${Math.round(seconds / length)} ${unit}`
}

/** The proof that counts: something measured here is in the database there. */
export function checkReceipt(spool: SpoolLook | undefined, report: StatusReport | undefined): Finding {
  if (!spool || spool.lastSeq === 0) return warning('receipt', 'nothing was recorded yet', 'Start the agent: vigil-agent run, or systemctl start vigil-agent; then look again')
  const upto = Math.max(spool.upto, report?.spool.upto ?? 0)
  const waiting = report?.running ? report.spool.unsent : spool.unsent
  if (upto > 0) return waiting > RECEIPT_WITHIN_OBJECTS ? warning('receipt', `stored up to number ${upto} of ${spool.lastSeq}; ${waiting} wait here`, 'They go out while the agent is connected; vigil-agent status shows it') : ok('receipt', `stored in the database up to number ${upto} of ${spool.lastSeq}`)
  return problem('receipt', `${spool.lastSeq} objects were recorded and none is confirmed`, 'If this device is let in, the ingest bridge or the database does not work: npm run doctor on the server')
}

const isHere = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host)
