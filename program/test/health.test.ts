import { describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics, startHealth, type HealthFact } from '../src/health.ts'

describe('the health listener', () => {
  it('tells live from ready, names what is wrong, and serves metrics', async () => {
    const facts: HealthFact[] = [{ name: 'database', ok: true }]
    const health = await startHealth({ port: 0, bind: '127.0.0.1', setting: 'X', metrics: createMetrics('p'), ready: () => facts })
    onTestFinished(() => health.stop())
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${health.port}${path}`)
      return { status: response.status, text: await response.text() }
    }
    expect(await get('/health/live')).toMatchObject({ status: 200 })
    expect(await get('/health/ready')).toMatchObject({ status: 200 })
    facts[0] = { name: 'database', ok: false, detail: 'no answer for 5 s' }
    expect(await get('/health/ready')).toEqual({ status: 503, text: JSON.stringify({ ok: false, facts }) })
    expect((await get('/metrics')).text).toContain('process_cpu_user_seconds_total{program="p"}')
    expect(await get('/elsewhere')).toMatchObject({ status: 404 })
  })
})
