import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import type { EngineEnd } from '../../src/alarms/place/channel.ts'
import { keepEngine, type EnginePlace } from '../../src/alarms/place/engine-host.ts'
import { localChannel } from '../../src/alarms/place/local-channel.ts'
import { reachEngine } from '../../src/alarms/place/socket-channel.ts'

const FINGERPRINT = 'same settings'

describe('an engine that answers no more', () => {
  const stops: (() => unknown)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  /** Engines of one data directory; a frozen one takes connections, and says nothing. */
  function house() {
    const clock = manualClock()
    const state = { pid: 100, frozen: false, begun: [] as (number | undefined)[], closed: 0, last: undefined as EngineEnd | undefined }
    const place: EnginePlace = {
      async reach() {
        const { engine, station } = localChannel()
        state.last = engine
        engine.onClose(() => { state.closed += 1 })
        if (!state.frozen) clock.after(0, () => engine.send({ t: 'hello', fingerprint: FINGERPRINT, pid: state.pid }))
        return station
      },
      begin(_onEnded, hung) {
        state.begun.push(hung)
        state.pid += 1
        state.frozen = false
      },
      end: async () => undefined,
    }
    const host = keepEngine({ place, fingerprint: FINGERPRINT, clock, log: silentLog })
    stops.push(() => { void host.stop() })
    const pass = async (ms: number) => {
      for (let at = 0; at < ms; at += 250) {
        clock.advance(250)
        for (let i = 0; i < 10; i++) await Promise.resolve()
        if (!state.frozen) state.last?.send({ t: 'hello', fingerprint: FINGERPRINT, pid: state.pid })
      }
    }
    return { state, pass }
  }

  it('is ended and replaced, after it was silent on two connections', async () => {
    const { state, pass } = house()
    await pass(5_000)
    expect([state.begun, state.closed]).toEqual([[], 0])
    state.frozen = true
    await pass(5_000)
    // Screens say that nobody watches; one that is only slow is left its time.
    expect([state.begun, state.closed]).toEqual([[], 1])
    await pass(5_000)
    expect(state.begun).toEqual([100])
    await pass(20_000)
    expect([state.begun, state.closed]).toEqual([[100], 2])
  })

  it('is lost to its station although it never closes its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-frozen-'))
    const path = join(folder, 'a.sock')
    // Like a process that is stopped: the kernel takes the connection, nobody reads or ends it.
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
    await new Promise<void>((resolve) => { server.listen(path, resolve) })
    server.on('connection', (socket) => stops.push(() => socket.destroy()))
    stops.push(() => server.close(), () => rmSync(folder, { recursive: true, force: true }))
    const end = await reachEngine(path)
    const lost = new Promise<string>((resolve) => { end?.onClose(() => resolve('lost')) })
    end?.send({ t: 'stop' })
    end?.close()
    expect(await lost).toBe('lost')
  })
})
