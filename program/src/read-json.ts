/** What a message says in JSON; `undefined` when it is none. */
export function readJson(payload: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()) as unknown
  } catch {
    return undefined
  }
}
