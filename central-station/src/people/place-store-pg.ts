import { type Database, one } from '../db/database.ts'
import type { Place, PlaceStore } from './places.ts'

export function createPlaceStore(database: Database): PlaceStore {
  const find = (text: string) => async (id: string): Promise<Place> => {
    const row = await one<{ ward: string | null }>(database, text, [id])
    return row && row.ward
  }
  return {
    ofBed: find('select ward_id as ward from bed where id = $1'),
    ofStay: find('select b.ward_id as ward from stay s left join bed b on b.id = s.bed_id where s.id = $1'),
    ofPatient: find(
      `select b.ward_id as ward from patient p left join lateral (select bed_id from stay where patient_id = p.id order by discharged_at is null desc, admitted_at desc limit 1) s on true
       left join bed b on b.id = s.bed_id where p.id = $1`,
    ),
    ofAlarm: find('select ward_id as ward from alarm where id = $1'),
    ofReview: find('select ward_id as ward from alarm_review where id = $1'),
  }
}
