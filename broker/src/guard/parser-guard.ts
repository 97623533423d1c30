// oxlint-disable no-underscore-dangle -- the parser's inner parts have such names
import { isUtf8 } from 'node:buffer'
import { parserOf } from '../aedes/internals.ts'
import { type BrokerLimits } from '../limits.ts'
import { Refusal, type RefusalFacts, type RefusalReason } from '../refusals.ts'
import { type Session } from '../session.ts'

type Refuse = (reason: RefusalReason, facts?: RefusalFacts) => void

/**
 * Guards inside the packet parser, where bytes can still be refused before they are gathered:
 * the announced length (a CONNECT of 256 MB costs memory before anybody signed in), text that is not text
 * [MQTT-1.5.3-1, MQTT-1.5.3-2], and whatever makes the parser itself stumble.
 */
export function guardParser(session: Session, limits: BrokerLimits, refuse: Refuse): void {
  const parser = parserOf(session.client)
  const parse = parser.parse.bind(parser)
  const parseLength = parser._parseLength.bind(parser)
  const parseString = parser._parseString.bind(parser)

  parser.prependListener('error', (error: Error) => {
    if (!(error instanceof Refusal)) refuse('malformed', { why: error.message })
  })
  parser._parseLength = () => {
    if (!parseLength()) return false
    const most = session.signedIn ? limits.packetBytes : limits.packetBytesBeforeSignIn
    if (parser.packet.length <= most) return true
    refuse('packet_size', { bytes: parser.packet.length, most, packet: parser.packet.cmd })
    parser._emitError(new Refusal('packet_size'))
    return false
  }
  parser._parseString = () => {
    const start = parser._pos
    const text = parseString()
    if (text === null || isText(parser._list.slice(start + LENGTH_BYTES, parser._pos))) return text
    refuse('text', { packet: parser.packet.cmd })
    parser._emitError(new Refusal('text'))
    return null
  }
  parser.parse = (chunk) => {
    try {
      return parse(chunk)
    } catch (error) {
      refuse('malformed', { why: String(error) })
      return 0
    }
  }
}

const LENGTH_BYTES = 2

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}
