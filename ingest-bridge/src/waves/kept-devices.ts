import { AppError, isName } from '@vigil/contract'
import type { Database } from '../store/connection.ts'

/** Whose waveforms are kept: nobody's unless named. */
export interface KeptWaves {
  readonly all: boolean
  readonly devices: readonly string[]
  readonly wards: readonly string[]
}

const WARD = 'ward:'

/** `board-1,ward:icu` or `*`. @throws AppError SETTINGS_INVALID */
export function readKeptWaves(text = ''): KeptWaves {
  const words = text.split(',').map((word) => word.trim()).filter((word) => word !== '')
  const wards = words.filter((word) => word.startsWith(WARD)).map((word) => word.slice(WARD.length))
  const devices = words.filter((word) => !word.startsWith(WARD) && word !== '*')
  const wrong = [...wards, ...devices].find((name) => !isName(name))
  if (wrong !== undefined) throw new AppError('SETTINGS_INVALID', `VIGIL_KEEP_WAVES_OF holds "${wrong}", which is no device and no ward. Write board-1,ward:icu or * for all.`)
  return { all: words.includes('*'), devices, wards }
}

/** What a bridge listens to for them: waveforms are many, so nothing where nobody's are kept. */
export function waveFilters(kept?: KeptWaves): readonly 'wave/+'[] {
  return kept && (kept.all || kept.devices.length + kept.wards.length > 0) ? ['wave/+'] : []
}

const KEPT = `
select d.no, d.id, d.site from device d
where d.retired_at is null and ($1 or d.id = any ($2) or exists (
  select from monitoring_interval m join stay s on s.id = m.stay_id join bed b on b.id = s.bed_id
  where m.device_no = d.no and m.to_at is null and s.discharged_at is null and b.ward_id = any ($3)))`

/** Numbers of the devices whose waveforms are kept now, by `site/device`. */
export async function keptDevices(database: Database, { all, devices, wards }: KeptWaves): Promise<ReadonlyMap<string, number>> {
  const rows = await database.use((connection) => connection.query<{ no: number; id: string; site: string }>({ name: 'waves-kept', text: KEPT, values: [all, devices, wards] }))
  return new Map(rows.map(({ no, id, site }) => [`${site}/${id}`, no]))
}
