import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What is shorter is on its way before it would be compressed. */
const WORTH_BYTES = 8 * 1024
const GZIP = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?:1|0?\.\d*[1-9]\d*))?\s*(?:,|$)/i

const packed = promisify<string, { level: number }, Buffer>(gzip)

/**
 * For routes whose answers are long and repeat themselves: a fifth of the bytes for half a millisecond. Never for an answer that holds a secret beside
 * something a stranger can choose: its length would tell of the secret (BREACH).
 */
export async function compressLong(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || payload.length < WORTH_BYTES) return payload
  reply.header('vary', 'accept-encoding')
  if (!GZIP.test(request.headers['accept-encoding'] ?? '')) return payload
  reply.header('content-encoding', 'gzip').removeHeader('content-length')
  return packed(payload, { level: constants.Z_BEST_SPEED })
}
