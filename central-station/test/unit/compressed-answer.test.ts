import { gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { afterAll, describe, expect, it } from 'vitest'
import { compressLong } from '../../src/http/compressed-answer.ts'

const app = Fastify()
const long = { points: Array.from({ length: 3_000 }, (_, i) => [i * 1_000, 60 + (i % 7)]) }
app.get('/long', { onSend: compressLong }, async () => long)
app.get('/short', { onSend: compressLong }, async () => ({ points: [] }))
afterAll(() => app.close())

const ask = (url: string, encodings?: string) => app.inject({ url, headers: encodings === undefined ? {} : { 'accept-encoding': encodings } })

describe('a long answer', () => {
  it('comes compressed to who takes it so, a fifth as long, and says that it depends on that', async () => {
    const { headers, rawPayload } = await ask('/long', 'br, gzip, deflate')
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding', 'content-length': String(rawPayload.length) })
    expect(JSON.parse(gunzipSync(rawPayload).toString())).toEqual(long)
    expect(rawPayload.length).toBeLessThan(JSON.stringify(long).length / 4)
  })

  it('comes as it is to who does not', async () => {
    for (const encodings of [undefined, 'identity', 'br', 'gzip;q=0', 'gzipped']) {
      const { headers, payload } = await ask('/long', encodings)
      expect([encodings, headers['content-encoding'], headers.vary]).toEqual([encodings, undefined, 'accept-encoding'])
      expect(JSON.parse(payload)).toEqual(long)
    }
    expect((await ask('/long', 'gzip;q=0.5')).headers['content-encoding']).toBe('gzip')
  })

  it('is not what a short one becomes', async () => {
    expect((await ask('/short', 'gzip')).headers['content-encoding']).toBeUndefined()
  })
})
