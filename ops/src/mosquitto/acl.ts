import { downChannels, filterForAll, ROOT, upChannels } from '@vigil/contract'
import type { Gateway, RegisteredDevice } from './ward.ts'

const waves = 'wave/+'

/** What the ward's own programs do, on every device: the same rights as at the broker that comes with Vigil. */
const programs = [
  'user bridge',
  ...(['tele', 'backlog', 'event', 'state', waves] as const).map((channel) => `topic read ${filterForAll(channel)}`),
  ...(['receipt', 'live'] as const).map((channel) => `topic write ${filterForAll(channel)}`),
  '',
  'user central',
  ...[...upChannels, waves, 'live' as const].map((channel) => `topic read ${ROOT}/+/+/${channel}`),
  ...(['command', 'config/desired', 'alarm'] as const).map((channel) => `topic write ${filterForAll(channel)}`),
  `topic write ${ROOT}/+/$time`,
]

/** The access file: what is not in it is refused. */
export function renderAcl(devices: readonly RegisteredDevice[], others: { readonly programs: boolean; readonly gateways: readonly Gateway[] }): string {
  const parts = [
    ['# Made from the device registry. Changes here are lost at the next run of the generator.'],
    ...(others.programs ? [programs] : []),
    ...others.gateways.map(({ name, site }) => [`user ${name}`, ...rightsOf(`${ROOT}/${site}/+`, `${ROOT}/${site}`, 'topic')]),
    ...deviceRights(devices),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/**
 * On one site all devices share one pattern, with the user name in the topic, so that a new device only needs its password.
 * A pattern cannot say which site a user belongs to; with several sites each device has its own lines.
 */
function deviceRights(devices: readonly RegisteredDevice[]): string[][] {
  const [first] = devices
  if (!first) return []
  if (devices.every(({ site }) => site === first.site)) return [rightsOf(`${ROOT}/${first.site}/%u`, `${ROOT}/${first.site}`, 'pattern')]
  return devices.map(({ id, site }) => [`user ${id}`, ...rightsOf(`${ROOT}/${site}/${id}`, `${ROOT}/${site}`, 'topic')])
}

function rightsOf(subtree: string, site: string, kind: 'topic' | 'pattern'): string[] {
  return [
    ...[...upChannels, waves].map((channel) => `${kind} write ${subtree}/${channel}`),
    ...downChannels.map((channel) => `${kind} read ${subtree}/${channel}`),
    // Without a user name in it, this is a pattern all the same: everyone of the site may know the time.
    `${kind} read ${site}/$time`,
  ]
}
