import { describe, expect, it } from 'vitest'
import { checkLiveRequest, packLiveWave, unpackLiveWave } from '../src/api/live.ts'
import { permissions, roleRights, roles } from '../src/api/rights.ts'

describe('the live stream', () => {
  it('carries a waveform under its device and channel', () => {
    const packed = packLiveWave('board-1', 'pleth_ir', Uint8Array.of(1, 2, 3))
    expect(unpackLiveWave(packed)).toEqual({ device: 'board-1', channel: 'pleth_ir', frame: Uint8Array.of(1, 2, 3) })
  })
  it('does not read past the end of a cut frame', () => expect(unpackLiveWave(Uint8Array.of(200, 65))).toBeUndefined())
  it('reads a watch and refuses anything else', () => {
    expect(checkLiveRequest({ type: 'watch', wards: ['a'], waves: ['d'] })).toMatchObject({ ok: true })
    expect(checkLiveRequest({ type: 'watch', wards: ['no spaces'] })).toMatchObject({ ok: false })
    expect(checkLiveRequest({ type: 'publish' })).toMatchObject({ ok: false })
  })
})

describe('rights', () => {
  it('are known permissions, and `public` belongs to nobody', () => {
    for (const role of roles) {
      for (const right of roleRights[role]) expect(permissions).toContain(right)
      expect(roleRights[role]).not.toContain('public')
    }
  })
  it('let a wall screen do nothing but look', () => expect(roleRights.wall).toEqual(['self', 'ward:read']))
})
