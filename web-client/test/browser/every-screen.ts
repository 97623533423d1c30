import type { Page } from 'playwright-core'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { uuid } from '../fake-central/people.ts'
import { phonesSend } from '../fake-central/phones.ts'
import { cpap } from '../fake-central/profiles.ts'
import { hospitalTells } from '../fake-central/proposals.ts'

/** Every screen of the app: its name, its address, and what is there when it is ready. One list for pictures and for checks. */
export interface Screen {
  readonly name: string
  readonly path: string
  readonly ready: string
  /** Somebody signed in sees bar and strip around it. */
  readonly bare?: boolean
  /** Whose it is, where it is not everybody's. */
  readonly user?: string
}

const S6 = '00000000-0000-7000-8000-000000002005'

export function everyScreen(nowMs: number): readonly Screen[] {
  const night = `from=${nowMs - 8 * 3_600_000}&to=${nowMs}`
  return [
    { name: 'wards', path: '/', ready: '.ward-name' },
    { name: 'wall', path: '/ward/ward-3', ready: '.tile .vital' },
    { name: 'patient', path: `/patient/${S6}/live`, ready: '.values tbody tr' },
    { name: 'replay', path: `/patient/${S6}/replay?at=${nowMs - 600_000}`, ready: '.replay canvas' },
    { name: 'trends', path: `/patient/${S6}/trends`, ready: '.trend-canvas' },
    { name: 'limits', path: `/patient/${S6}/limits`, ready: '.limit' },
    { name: 'remote', path: `/patient/${S6}/remote`, ready: '.remote-row' },
    { name: 'history', path: `/history?stay=${S6}&${night}`, ready: '.trend-canvas' },
    { name: 'history-table', path: `/history?stay=${S6}&signals=spo2,pr&${night}&view=table`, ready: '.record tbody tr' },
    { name: 'phones', path: `/patient/${S6}/history`, ready: '.imports tbody tr' },
    { name: 'alarms', path: '/alarms', ready: '.alarms-none, .alarm-row, .state' },
    { name: 'alarm-life', path: `/alarms/${uuid(0xa000)}`, ready: '.page tbody tr' },
    { name: 'alarm-past', path: '/alarms?show=past', ready: '.alarm-row, .state' },
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
    { name: 'profiles', path: `/limit-profiles?ward=ward-3&profile=${cpap.id}`, ready: '.versions li' },
    { name: 'profile-editor', path: `/limit-profiles?ward=ward-3&profile=${cpap.id}&edit=change`, ready: '.profile-editor .limit' },
    { name: 'ward-setup', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr' },
    { name: 'mirror', path: `/me?stay=${S6}`, ready: '.mirror-tile .vital', bare: true },
    { name: 'mirror-guest', path: `/me?stay=${S6}&guest=1`, ready: '.mirror-guest button', bare: true },
    { name: 'own', path: '/me', ready: '.looks tbody tr', bare: true, user: 'patient' },
    { name: 'sign-in', path: '/sign-in', ready: 'form', bare: true },
    { name: 'nowhere', path: '/no-such-page', ready: '.state' },
  ]
}

/** What opens over a screen: where, and the presses that open it. */
export interface Dialog {
  readonly name: string
  readonly path: string
  readonly ready: string
  readonly open: (page: Page) => Promise<unknown>
  /** What must be there; a dialog, unless said otherwise. */
  readonly shown?: string
}

const press = (...selectors: readonly string[]) => async (page: Page) => {
  for (const selector of selectors) await page.click(selector)
}
const chosen = (menu: string, item: string) => press(`.button:has-text("${menu}")`, `[role="menuitem"]:has-text("${item}")`)
const ofUser = (item: string) => press('.bar-user', `[role="menuitem"]:has-text("${item}")`)

export const everyDialog: readonly Dialog[] = [
  { name: 'keys', path: '/shift', ready: '.shift-ward', open: (page) => page.keyboard.press('?') },
  { name: 'find', path: '/shift', ready: '.shift-ward', shown: '[role="option"]', open: (page) => page.keyboard.press('/').then(() => page.fill('[role="combobox"]', 'ko')) },
  { name: 'user-menu', path: '/shift', ready: '.shift-ward', shown: '[role="menuitem"]', open: press('.bar-user') },
  { name: 'own-secrets', path: '/shift', ready: '.shift-ward', open: ofUser('Password and PIN') },
  { name: 'sound', path: '/shift', ready: '.shift-ward', open: press('.bar-sound') },
  { name: 'demo', path: '/ward/ward-3', ready: '.vital.is-live', open: press('.demo-open') },
  { name: 'transfer', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: chosen('Change stay', 'Transfer') },
  { name: 'discharge', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: chosen('Change stay', 'Discharge') },
  { name: 'link', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: chosen('Change stay', 'Link another') },
  { name: 'unlink', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: chosen('Change stay', 'Unlink') },
  { name: 'audio-off', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: press('.patient-quiet button >> nth=-1') },
  { name: 'pause-monitoring', path: `/patient/${S6}/live`, ready: '.values tbody tr', open: press('.patient-quiet button:has-text("Pause monitoring")') },
  { name: 'ward-quiet', path: '/alarms', ready: '.ward-quiet button', open: press('.ward-quiet button') },
  { name: 'ward-quiet-wall', path: '/ward/ward-3', ready: '.vital.is-live', open: press('.bar-quiet button') },
  { name: 'demo-removal', path: '/settings', ready: '#demo button', open: press('#demo button') },
  { name: 'restart', path: `/patient/${S6}/remote`, ready: '.remote-row', open: press('.remote-row button:has-text("Restart")') },
  { name: 'enrol', path: '/devices', ready: '.devices tbody tr', open: press('button:has-text("Enrol a board")') },
  { name: 'add-device', path: '/devices', ready: '.devices tbody tr', open: press('button:has-text("Add a device")') },
  { name: 'add-alink', path: '/devices', ready: '.devices tbody tr', open: async (page) => {
    await page.click('button:has-text("Add a device")')
    await page.selectOption('.dialog select >> nth=-1', 'alink')
    await page.waitForSelector('#alink-secret-hint')
  } },
  { name: 'firmware', path: '/devices', ready: '.firmware tbody tr', open: press('.firmware button') },
  { name: 'rings', path: '/devices', ready: '.ring-change progress', open: press('.rings .page-head button') },
  { name: 'looks', path: `/patient/${S6}/live`, ready: '.values tbody tr', shown: '.dialog .looks tbody tr', open: chosen('Change stay', 'Who looked') },
  { name: 'phone', path: `/patient/${S6}/history`, ready: '.imports tbody tr', open: press('.phones button:has-text("Add a phone")') },
  { name: 'phone-ends', path: `/patient/${S6}/history`, ready: '.imports tbody tr', open: press('.phones td button') },
  { name: 'hand-over', path: '/alarms', ready: '.alarm-row', open: press('.alarm-row button:has-text("Hand over")') },
  { name: 'revoke', path: '/devices/ST-0046', ready: '.device-latest', open: chosen('Care', 'Revoke') },
  { name: 'replace', path: '/devices/ST-0046', ready: '.device-latest', open: chosen('Care', 'Replace') },
  { name: 'add-person', path: '/people', ready: '.table tbody tr', open: press('button:has-text("Add a person")') },
  { name: 'add-token', path: '/people', ready: '.table tbody tr', open: press('button:has-text("Add a program")') },
  { name: 'retire-profile', path: `/limit-profiles?ward=ward-3&profile=${cpap.id}`, ready: '.versions li', open: press('button:has-text("Retire…")') },
  { name: 'make-ward', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr', open: press('.page-head button') },
  { name: 'add-bed', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr', open: press('.ward-setup-do button') },
  { name: 'rename-bed', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr', open: press('.bed-table tbody tr:first-child button >> nth=2') },
  { name: 'retire-bed', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr', open: press('.bed-table tbody tr:nth-child(2) button >> nth=-1') },
  { name: 'locked', path: '/shift', ready: '.shift-ward', shown: '.lock', open: ofUser('Lock the screen') },
]

/** What every picture and check has besides the ward's life: a note, and a demo ward to play in. */
export function furnishScreens(central: FakeCentral): void {
  const nowMs = central.clock.now()
  central.notes.add(S6, { from: new Date(nowMs - 3 * 3_600_000).toISOString(), to: new Date(nowMs - 2.5 * 3_600_000).toISOString(), signal: 'spo2', text: 'Turned on the left side; oxygen 2 l/min by nasal cannula' }, 'Li Wei')
  const bad = central.notes.add(S6, { from: new Date(nowMs - 5 * 3_600_000).toISOString(), text: 'Suctoned' }, 'Li Wei')
  central.notes.correct(bad.id, { text: 'Suctioned', reason: 'spelling' }, 'Alex Admin')
  central.demo.boards.push({ deviceId: 'ST-0042', wardId: 'ward-3', bed: '01', stayId: '00000000-0000-7000-8000-000000002000', scenarios: ['desaturation', 'fever', 'probe_off', 'broker_down', 'calm'] })
  central.demo.contents = { patients: 12, devices: 14, wards: 1, kept: 0 }
  hospitalTells(central)
  phonesSend(central)
  const iso = (ms: number) => new Date(nowMs + ms).toISOString()
  central.exports.unshift({
    id: uuid(0x9100), format: 'csv', gzip: true, beds: ['bed-06', 'bed-07'], stays: [], devices: [], signals: [], from: iso(-86_400_000), to: iso(0), state: 'running', samples: 21_000, rows: 126_000, share: 0.42, bytes: 1_300_000,
    fileName: 'vigil-2026-07-14-00009100.csv.gz', createdAt: iso(-60_000), expectedAt: iso(120_000),
  })
  central.rollouts.unshift({
    id: uuid(0xf100), version: 3, state: 'stopped', set: { interval_ms: 250 }, reason: 'to watch more closely', createdBy: 'operator', createdAt: iso(-900_000), waitS: 300, watchS: 60, mostFailed: 0, ring: 1,
    devices: [{ id: 'ST-0042', ring: 0, state: 'done' }, { id: 'ST-0043', ring: 1, state: 'failed', fault: 'refused', why: 'interval_ms: too fast' }, { id: 'ST-0044', ring: 1, state: 'done' }, { id: 'ST-0045', ring: 2, state: 'waiting' }],
  })
  central.notes.keep({ name: 'Oxygen last night', query: `stay=${S6}&signals=spo2&from=1&to=2` })
}
