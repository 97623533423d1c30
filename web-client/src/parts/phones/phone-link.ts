import type { HealthSource } from '@vigil/contract/api/health-data'

/** Whether a phone does what it is there for. `quiet`: it may send and did, but not for a day. */
export type PhoneState = 'sends' | 'quiet' | 'never' | 'ended'

/** A phone syncs several times a day while it is used; a day without is worth a word. */
const QUIET_MS = 86_400_000

export function phoneState({ lastAt, revokedAt }: Pick<HealthSource, 'lastAt' | 'revokedAt'>, nowMs: number): PhoneState {
  if (revokedAt !== undefined) return 'ended'
  if (lastAt === undefined) return 'never'
  return nowMs - Date.parse(lastAt) > QUIET_MS ? 'quiet' : 'sends'
}

/** No phone can reach the machine that says so of itself. */
export function isOwnMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * What the app Health Auto Export fills its REST automation from when it is opened with it. It reads parameters without regard
 * to case and headers as `key,value` (help.healthyapps.dev, "Deep link automation").
 */
export function phoneLink({ url, token, name }: { readonly url: string; readonly token: string; readonly name: string }): string {
  const asked = {
    url, name, headers: `Authorization,Bearer ${token}`,
    format: 'json', exportversion: 'v2', datatype: 'healthMetrics', period: 'default', aggregatedata: 'true', interval: 'hours', batchrequests: 'true', enabled: 'true',
  }
  return `com.HealthExport://automation?${Object.entries(asked).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`
}
