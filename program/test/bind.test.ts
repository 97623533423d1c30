import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { assertSafeBind, isLoopback, listen } from '../src/bind.ts'

describe('listening beyond this machine', () => {
  const open = { bind: '0.0.0.0', what: 'MQTT' }
  it('is refused without TLS, with a sentence that says what to set', () => {
    expect(() => assertSafeBind({ ...open, tls: false, signIn: true })).toThrow(/MQTT would listen on 0\.0\.0\.0 without TLS.*VIGIL_TLS_CERT/)
  })
  it('is refused without sign-in', () => expect(() => assertSafeBind({ ...open, tls: true, signIn: false })).toThrow(/without sign-in/))
  it('is allowed with both', () => expect(() => assertSafeBind({ ...open, tls: true, signIn: true })).not.toThrow())
  it('is not what loopback is', () => {
    for (const bind of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) expect(isLoopback(bind)).toBe(true)
    for (const bind of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil', 'localhost.evil']) expect(isLoopback(bind)).toBe(false)
  })
})

describe('a taken port', () => {
  it('is one clear sentence naming the port and the setting', async () => {
    const first = createServer()
    const port = await listen(first, 0, '127.0.0.1', 'VIGIL_MQTT_PORT')
    onTestFinished(() => void first.close())
    await expect(listen(createServer(), port, '127.0.0.1', 'VIGIL_MQTT_PORT')).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringMatching(new RegExp(`${port}.*VIGIL_MQTT_PORT`)) })
  })
})
