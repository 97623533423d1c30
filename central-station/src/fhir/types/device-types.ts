import { type Signal, signalByName, signals } from '@vigil/contract'
import { modeOf } from '../../devices/device-mode.ts'
import { CANARY_DEVICE } from '../../live/canary.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import { seesWard } from '../../people/caller.ts'
import type { Registry } from '../../registry/registry.ts'
import type { DeviceFact } from '../../registry/world.ts'
import type { Asking, FhirType, Page } from '../fhir-type.ts'
import { referenced } from '../observations/filter.ts'
import { type DeviceFacts, deviceMetricOf, deviceOf } from '../resources/device.ts'
import { codingsOf } from '../resources/observation-groups.ts'
import { type FhirResource, fromFhirId } from '../resources/resource.ts'
import { VIGIL_DEVICE_ID } from '../resources/systems.ts'
import { type Asked, type ParamSpec, valuesOf } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { passesDate, readDate } from '../search/dates.ts'
import { anyToken } from '../search/tokens.ts'

export interface DeviceTypesOptions {
  readonly registry: Registry
  readonly hub: LiveHub
}

/** What is known by heart: works while PostgreSQL is away. */
export function deviceTypes({ registry, hub }: DeviceTypesOptions): { readonly device: FhirType; readonly metric: FhirType } {
  const factsOf = (fact: DeviceFact): DeviceFacts => {
    const birth = hub.birth(fact.id) ?? fact.birth ?? undefined
    const stay = registry.now().stayOfDevice.get(fact.id)
    return { fact, birth, status: hub.status(fact.id), intervalMs: hub.intervalMs(fact.id), patientId: stay?.patient.id, isTest: modeOf(fact, birth) !== 'real' }
  }
  const sees = (fact: DeviceFact, { wards }: Asking) => fact.id !== CANARY_DEVICE && seesWard({ wards }, registry.now().stayOfDevice.get(fact.id)?.wardId)
  const all = (asking: Asking) => registry.now().world.devices.filter((fact) => sees(fact, asking)).map(factsOf)
  const metrics = (facts: DeviceFacts) => signalsOf(facts, hub).map((signal) => ({ facts, signal, resource: deviceMetricOf(facts, signal) }))
  return {
    device: {
      type: 'Device', permission: 'device:read', profiles: [], sorts: ['_id'], includes: ['Device:patient'], revincludes: ['DeviceMetric:source'], params: deviceParams,
      async read(id, asking) {
        const fact = registry.now().devices.get(fromFhirId(id))
        return fact && sees(fact, asking) ? deviceOf(factsOf(fact)) : undefined
      },
      async search(asked, cursor, asking) {
        const patients = referenced(asked, ['patient'], 'Patient', asking.base)
        const fits = (facts: DeviceFacts) =>
          (!patients || (facts.patientId !== undefined && patients.includes(facts.patientId))) &&
          valuesOf(asked, 'identifier').every((values) => anyToken(values, [{ system: VIGIL_DEVICE_ID, code: facts.fact.id }])) &&
          valuesOf(asked, 'status').every((values) => anyToken(values, [{ code: facts.fact.retiredAtMs === null ? 'active' : 'inactive' }]))
        return pageOf(all(asking).filter(fits).map(deviceOf), asked, cursor, asking)
      },
    },
    metric: {
      type: 'DeviceMetric', permission: 'device:read', profiles: [], sorts: ['_id'], includes: ['DeviceMetric:source'], revincludes: [], params: metricParams,
      async read(id, asking) {
        const [no, name = ''] = id.split('.')
        const facts = all(asking).find(({ fact }) => String(fact.no) === no)
        return facts && metrics(facts).find(({ signal }) => signal.name === name)?.resource
      },
      async search(asked, cursor, asking) {
        const sources = referenced(asked, ['source'], 'Device', asking.base)?.map(fromFhirId)
        const fits = ({ facts, signal }: { facts: DeviceFacts; signal: Signal }) => (!sources || sources.includes(facts.fact.id)) && valuesOf(asked, 'type').every((values) => anyToken(values, codingsOf(signal)))
        return pageOf(all(asking).flatMap(metrics).filter(fits).map(({ resource }) => resource), asked, cursor, asking)
      },
    },
  }
}

const deviceParams: readonly ParamSpec[] = [
  { name: 'identifier', kind: 'token', documentation: 'Name of the device in Vigil' },
  { name: 'patient', kind: 'reference', documentation: 'Whom it watches now' },
  { name: 'status', kind: 'token', documentation: 'active, or inactive once it is retired' },
]
const metricParams: readonly ParamSpec[] = [
  { name: 'source', kind: 'reference', documentation: 'The device' },
  { name: 'type', kind: 'token', documentation: 'LOINC or ISO/IEEE 11073-10101 code of what it measures' },
]

/** What the device says it measures, and what was heard from it. */
function signalsOf({ fact, birth }: DeviceFacts, hub: LiveHub): readonly Signal[] {
  const names = new Set<string>([...(birth?.caps?.signals ?? []), ...Object.keys(hub.latest(fact.id, 0))])
  return signals.filter(({ name }) => names.has(name) && signalByName(name) !== undefined)
}

/** A page of what is in memory, by id. */
function pageOf(found: readonly FhirResource[], asked: Asked, cursor: Cursor | undefined, { nowMs }: Asking): Page {
  const ids = valuesOf(asked, '_id')
  const updated = valuesOf(asked, '_lastUpdated').map((values) => values.map((value) => readDate(value, nowMs)))
  const descending = asked.sort?.descending ?? false
  const matches = found
    .filter(({ id, meta }) => ids.every((values) => values.includes(id)) && updated.every((tests) => tests.some((test) => passesDate(test, Date.parse(meta.lastUpdated)))))
    .sort((a, b) => (a.id < b.id ? -1 : 1) * (descending ? -1 : 1))
  const rest = cursor ? matches.filter(({ id }) => (descending ? id < cursor.id : id > cursor.id)) : matches
  const page = rest.slice(0, asked.count)
  const last = rest.length > asked.count ? page.at(-1) : undefined
  return { matches: asked.summary === 'count' ? [] : page, total: matches.length, next: asked.summary === 'count' ? undefined : last && { key: '', id: last.id } }
}
