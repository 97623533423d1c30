import type { CommandRecord } from '@vigil/contract/api/devices'

export interface SelfTest {
  readonly outcome: 'passed' | 'failed'
  readonly atMs: number
  /** Sensors that passed, as the device names them: `MAX30102@0x57`. */
  readonly passed: ReadonlySet<string>
  /** In the words of the device, which name each sensor that did not. */
  readonly why: string | undefined
}

/** The newest self-test that ended with a word of the device, among its last commands. @param commands newest first */
export function lastSelfTest(commands: readonly CommandRecord[]): SelfTest | undefined {
  const last = commands.find(({ do: name, state }) => name === 'self_test' && (state === 'done' || state === 'failed' || state === 'refused'))
  if (!last) return undefined
  const sensors = last.state === 'done' && Array.isArray(last.data?.['sensors']) ? last.data['sensors'] : []
  return { outcome: last.state === 'done' ? 'passed' : 'failed', atMs: Date.parse(last.updatedAt), passed: new Set(sensors.map(String)), why: last.why }
}
