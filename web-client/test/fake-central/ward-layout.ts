import type { Ward } from '@vigil/contract/api/patients'
import type { BedChange, NewBed, NewWard, WardChange } from '@vigil/contract/api/ward-layout'
import type { FakeCentral } from './fake-central.ts'
import { Refusal, type Asked, type Route } from './refusal.ts'
import { wardOf, type FakeWard } from './ward.ts'

function wardAsked(c: FakeCentral, { params }: Asked): FakeWard {
  const ward = c.world.wards.find(({ id }) => id === params[0])
  if (!ward) throw new Refusal('NOT_FOUND', `There is no ward ${params[0]}.`)
  return ward
}

function bedAsked(ward: FakeWard, { params }: Asked): FakeWard['beds'][number] {
  const bed = ward.beds.find(({ id }) => id === params[1])
  if (!bed) throw new Refusal('NOT_FOUND', `There is no bed ${params[1]} in service.`)
  return bed
}

/** As it is now, told to every screen and answered. */
function changed(c: FakeCentral, ward: FakeWard): Ward {
  const now = wardOf(c, ward)
  c.tell({ type: 'ward', ward: now })
  return now
}

const nameFrom = (words: string) => words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

function make(c: FakeCentral, { body }: Asked): Ward {
  const { name, beds, id = nameFrom(name) } = body as NewWard
  if (c.world.wards.some((ward) => ward.id === id)) throw new Refusal('ALREADY_EXISTS', 'There is already a ward of this name.')
  const ward: FakeWard = { id, name, mode: 'real', beds: beds.map(({ label }) => ({ id: `${id}-${label}`, label, stay: undefined })) }
  c.world.wards.push(ward)
  return changed(c, ward)
}

function change(c: FakeCentral, asked: Asked): Ward {
  const ward = wardAsked(c, asked)
  const { name = ward.name, beds } = asked.body as WardChange
  if (beds && beds.toSorted().join(' ') !== ward.beds.map(({ id }) => id).toSorted().join(' ')) throw new Refusal('VERSION_CONFLICT', 'The beds of this ward changed meanwhile. Look at them again, then move them.')
  ward.name = name
  if (beds) ward.beds.sort((a, b) => beds.indexOf(a.id) - beds.indexOf(b.id))
  return changed(c, ward)
}

function add(c: FakeCentral, asked: Asked): Ward {
  const ward = wardAsked(c, asked)
  const { label } = asked.body as NewBed
  if (ward.beds.some((bed) => bed.label === label)) throw new Refusal('ALREADY_EXISTS', `This ward has a bed ${label} already.`)
  ward.beds.push({ id: `${ward.id}-${nameFrom(label)}`, label, stay: undefined })
  return changed(c, ward)
}

function relabel(c: FakeCentral, asked: Asked): Ward {
  const ward = wardAsked(c, asked)
  bedAsked(ward, asked).label = (asked.body as BedChange).label
  return changed(c, ward)
}

function retire(c: FakeCentral, asked: Asked): Ward {
  const ward = wardAsked(c, asked)
  const bed = bedAsked(ward, asked)
  if (bed.stay) throw new Refusal('BED_OCCUPIED', `Bed ${bed.id} is occupied. Discharge or transfer the patient there first.`)
  ward.beds.splice(ward.beds.indexOf(bed), 1)
  return changed(c, ward)
}

export const wardLayoutRoutes: readonly Route[] = [
  ['POST', '/wards', 'ward:write', make],
  ['PATCH', '/wards/*', 'ward:write', change],
  ['POST', '/wards/*/beds', 'ward:write', add],
  ['PATCH', '/wards/*/beds/*', 'ward:write', relabel],
  ['POST', '/wards/*/beds/*/retirement', 'ward:write', retire],
]
