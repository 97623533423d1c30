import { hospitalTells } from '../fake-central/proposals.ts'
import type { FakeCentral } from '../fake-central/fake-central.ts'

/** Every screen of the app: its name, its address, and what is there when it is ready. One list for pictures and for checks. */
export interface Screen {
  readonly name: string
  readonly path: string
  readonly ready: string
  /** Somebody signed in sees bar and strip around it. */
  readonly bare?: boolean
}

const S6 = '00000000-0000-7000-8000-000000002005'

export function everyScreen(nowMs: number): readonly Screen[] {
  const night = `from=${nowMs - 8 * 3_600_000}&to=${nowMs}`
  return [
    { name: 'wards', path: '/', ready: '.ward-name' },
    { name: 'wall', path: '/ward/ward-3', ready: '.tile .vital' },
    { name: 'patient', path: `/patient/${S6}/live`, ready: '.values tbody tr' },
    { name: 'trends', path: `/patient/${S6}/trends`, ready: '.trend-canvas' },
    { name: 'limits', path: `/patient/${S6}/limits`, ready: '.limit' },
    { name: 'remote', path: `/patient/${S6}/remote`, ready: '.remote-row' },
    { name: 'history', path: `/history?stay=${S6}&${night}`, ready: '.trend-canvas' },
    { name: 'history-table', path: `/history?stay=${S6}&signals=spo2,pr&${night}&view=table`, ready: '.record tbody tr' },
    { name: 'alarms', path: '/alarms', ready: '.alarms-none, .alarm-row, .state' },
    { name: 'alarm-review', path: '/alarms?show=review', ready: '.table, .state' },
    { name: 'alarm-load', path: '/alarms?show=load', ready: '.load-sum' },
    { name: 'devices', path: '/devices', ready: '.devices tbody tr' },
    { name: 'device', path: '/devices/ST-0046', ready: '.device-latest' },
    { name: 'admit', path: '/admit?bed=bed-02', ready: '.bed-choice' },
    { name: 'proposals', path: '/admissions', ready: '.proposal' },
    { name: 'shift', path: '/shift', ready: '.shift-ward' },
    { name: 'handover', path: '/handover?wards=ward-3', ready: '.handover-bed' },
    { name: 'audit', path: '/audit', ready: '.audit-when' },
    { name: 'people', path: '/people', ready: '.table tbody tr' },
    { name: 'settings', path: '/settings', ready: '.palette, .settings .section' },
    { name: 'mirror', path: `/me?stay=${S6}`, ready: '.mirror-tile .vital', bare: true },
    { name: 'nowhere', path: '/no-such-page', ready: '.state' },
  ]
}

/** What every picture and check has besides the ward's life: a note, and a demo ward to play in. */
export function furnishScreens(central: FakeCentral): void {
  const nowMs = central.clock.now()
  central.notes.add(S6, { from: new Date(nowMs - 3 * 3_600_000).toISOString(), to: new Date(nowMs - 2.5 * 3_600_000).toISOString(), signal: 'spo2', text: 'Turned on the left side; oxygen 2 l/min by nasal cannula' }, 'Li Wei')
  const bad = central.notes.add(S6, { from: new Date(nowMs - 5 * 3_600_000).toISOString(), text: 'Suctoned' }, 'Li Wei')
  central.notes.correct(bad.id, { text: 'Suctioned', reason: 'spelling' }, 'Alex Admin')
  central.demo.boards.push({ deviceId: 'ST-0042', wardId: 'ward-3', bed: '01', stayId: '00000000-0000-7000-8000-000000002000', scenarios: ['desaturation', 'fever', 'probe_off', 'broker_down', 'calm'] })
  hospitalTells(central)
  central.notes.keep({ name: 'Oxygen last night', query: `stay=${S6}&signals=spo2&from=1&to=2` })
}
