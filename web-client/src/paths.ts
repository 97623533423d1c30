/** Every URL of the app and of the API is made here and nowhere else; a snapshot test lists them. */

type Query = Readonly<Record<string, string | number | undefined>>

const enc = encodeURIComponent

/** Appends what is set; an empty query leaves the path alone. */
function withQuery(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return pairs.length === 0 ? path : `${path}?${pairs.map(([key, value]) => `${key}=${enc(String(value))}`).join('&')}`
}

export const patientTabs = ['live', 'replay', 'trends', 'limits', 'remote', 'history'] as const
export type PatientTab = (typeof patientTabs)[number]

/** What the history page asks for; every part of it is in the URL, so a link shares the whole question. */
export interface HistoryAddress {
  readonly stay?: string | undefined
  readonly device?: string | undefined
  readonly signals?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly view?: string | undefined
  readonly compare?: string | undefined
}

/** Which list the alarm page shows. */
export interface AlarmsAddress {
  readonly show?: 'now' | 'review' | 'past' | 'load' | undefined
  /** Only open alarms of this ward, and of this priority. */
  readonly ward?: string | undefined
  readonly priority?: string | undefined
}

/** How a wall screen names patients; nothing: as the screen is set. */
export interface WallAddress {
  readonly names?: 'short' | 'initials' | 'bed' | undefined
  /** Metres it is read from and diagonal of the screen; nothing: as the screen is set. */
  readonly distance?: number | undefined
  readonly inches?: number | undefined
  /** On a phone; nothing: those that want somebody first. */
  readonly order?: 'bed' | undefined
}

/** Which profiles of limits, and what is done with them. */
export interface ProfilesAddress {
  readonly ward?: string | undefined
  readonly show?: 'retired' | undefined
  readonly profile?: string | undefined
  readonly edit?: 'new' | 'change' | undefined
}

/** Which ward, and what of it is being changed. */
export interface WardSetupAddress {
  readonly ward?: string | undefined
  readonly edit?: 'new' | 'name' | 'add' | 'label' | 'retire' | undefined
  readonly bed?: string | undefined
}

/** The moment the traces are shown at, ms since the Unix epoch, and whether they run. */
export interface ReplayAddress {
  readonly at?: number | undefined
  readonly play?: 1 | undefined
}

/** What the audit page asks for. */
export interface AuditAddress {
  readonly user?: string | undefined
  readonly action?: string | undefined
  readonly patient?: string | undefined
  readonly stay?: string | undefined
  readonly device?: string | undefined
  readonly from?: string | undefined
  readonly before?: string | undefined
}

/** Patterns for the router. */
export const patterns = {
  signIn: '/sign-in',
  wards: '/',
  ward: '/ward/:ward',
  patient: '/patient/:stay',
  alarms: '/alarms',
  alarm: '/alarms/:id',
  me: '/me',
  /** What a phone may be given to remember: the same pages, laid out for it. */
  phone: '/m',
  audit: '/audit',
  people: '/people',
  shift: '/shift',
  settings: '/settings',
  profiles: '/limit-profiles',
  wardSetup: '/ward-setup',
  handover: '/handover',
  history: '/history',
  admit: '/admit',
  proposals: '/admissions',
  devices: '/devices',
  device: '/devices/:id',
} as const

/** Pages. */
export const paths = {
  signIn: (from?: string) => withQuery(patterns.signIn, { from }),
  wards: () => patterns.wards,
  ward: (ward: string, asked: WallAddress = {}) => withQuery(`/ward/${enc(ward)}`, { ...asked }),
  patient: (stay: string, tab: PatientTab = 'live', query?: Query) => withQuery(`/patient/${enc(stay)}/${tab}`, query),
  replay: (stay: string, asked: ReplayAddress = {}) => withQuery(`/patient/${enc(stay)}/replay`, { ...asked }),
  alarms: (asked: AlarmsAddress = {}) => withQuery(patterns.alarms, { ...asked }),
  /** `guest`: nothing of the person is shown. */
  me: (stay?: string, guest = false) => withQuery(patterns.me, { stay, guest: guest ? 1 : undefined }),
  audit: (asked: AuditAddress = {}) => withQuery(patterns.audit, { ...asked }),
  people: () => patterns.people,
  shift: () => patterns.shift,
  /** `part`: opened at that part of the page. */
  settings: (part?: 'demo') => (part === undefined ? patterns.settings : `${patterns.settings}#${part}`),
  profiles: (asked: ProfilesAddress = {}) => withQuery(patterns.profiles, { ...asked }),
  wardSetup: (asked: WardSetupAddress = {}) => withQuery(patterns.wardSetup, { ...asked }),
  handover: (wards?: string) => withQuery(patterns.handover, { wards }),
  alarm: (id: string) => `/alarms/${enc(id)}`,
  history: (address: HistoryAddress = {}) => withQuery(patterns.history, { ...address }),
  /** A kept question: the query part as it was saved. */
  historyAsked: (query: string) => `${patterns.history}?${query}`,
  admit: (chosen: { bed?: string | undefined; patient?: string | undefined; device?: string | undefined } = {}) => withQuery(patterns.admit, chosen),
  proposals: () => patterns.proposals,
  /** `firmware`: only those that do not run what their model should. */
  devices: (asked: { firmware?: 'off' | undefined } = {}) => withQuery(patterns.devices, asked),
  device: (id: string) => `/devices/${enc(id)}`,
} as const

const root = '/api/v1'
const stay = (id: string) => `${root}/stays/${enc(id)}`
const device = (id: string) => `${root}/devices/${enc(id)}`

/** Calls of the central station. */
export const apiPaths = {
  session: () => `${root}/session`,
  me: () => `${root}/me`,
  ownCare: () => `${root}/me/care`,
  ownHistory: (query: Query) => withQuery(`${root}/me/history`, query),
  ownCall: () => `${root}/me/call`,
  ownPhones: () => `${root}/me/phones`,
  ownPhone: (id: string) => `${root}/me/phones/${enc(id)}`,
  ownLooks: () => `${root}/me/looks`,
  looks: (id: string) => `${root}/patients/${enc(id)}/looks`,
  live: () => `${root}/live`,
  wards: () => `${root}/wards`,
  ward: (id: string) => `${root}/wards/${enc(id)}`,
  beds: (ward: string) => `${root}/wards/${enc(ward)}/beds`,
  bed: (ward: string, bed: string) => `${root}/wards/${enc(ward)}/beds/${enc(bed)}`,
  bedRetirement: (ward: string, bed: string) => `${root}/wards/${enc(ward)}/beds/${enc(bed)}/retirement`,
  wardTrend: (ward: string) => `${root}/wards/${enc(ward)}/trend`,
  patients: (q?: string) => withQuery(`${root}/patients`, { q }),
  patient: (id: string) => `${root}/patients/${enc(id)}`,
  healthData: (patient: string, query: Query) => withQuery(`${root}/patients/${enc(patient)}/health`, query),
  healthImports: (patient: string) => `${root}/patients/${enc(patient)}/health-imports`,
  healthSources: (patient: string) => `${root}/patients/${enc(patient)}/health-sources`,
  healthSource: (patient: string, id: string) => `${root}/patients/${enc(patient)}/health-sources/${enc(id)}`,
  /** Where a phone sends. */
  healthImport: () => `${root}/import/health-auto-export`,
  stays: () => `${root}/stays`,
  proposals: (state: 'open' | 'decided') => withQuery(`${root}/admission-proposals`, { state }),
  proposalAcceptance: (id: string) => `${root}/admission-proposals/${enc(id)}/acceptance`,
  proposalRefusal: (id: string) => `${root}/admission-proposals/${enc(id)}/refusal`,
  stay,
  discharge: (id: string) => `${stay(id)}/discharge`,
  transfer: (id: string) => `${stay(id)}/transfer`,
  reopen: (id: string) => `${stay(id)}/reopen`,
  stayHistory: (id: string, query: Query) => withQuery(`${stay(id)}/history`, query),
  stayWaveforms: (id: string, query: Query) => withQuery(`${stay(id)}/waveforms`, query),
  stayCsv: (id: string, query: Query) => withQuery(`${stay(id)}/history.csv`, query),
  hl7Codes: (id: string) => `${root}/hl7-sources/${enc(id)}/codes`,
  exports: () => `${root}/exports`,
  export: (id: string) => `${root}/exports/${enc(id)}`,
  exportFile: (id: string) => `${root}/exports/${enc(id)}/file`,
  devices: () => `${root}/devices`,
  device,
  deviceHistory: (id: string, query: Query) => withQuery(`${device(id)}/history`, query),
  deviceCsv: (id: string, query: Query) => withQuery(`${device(id)}/history.csv`, query),
  ledger: (id: string) => `${device(id)}/ledger`,
  completeness: (id: string, zone: string) => `${device(id)}/completeness?zone=${encodeURIComponent(zone)}`,
  commands: (id: string) => `${device(id)}/commands`,
  cancelCommand: (id: string, command: string) => `${device(id)}/commands/${enc(command)}/cancel`,
  config: (id: string) => `${device(id)}/config`,
  pathHealth: () => `${root}/path-health`,
  firmware: () => `${root}/firmware`,
  firmwareDecisions: (hardware: string) => withQuery(`${root}/firmware/decisions`, { hardware }),
  rollouts: () => `${root}/rollouts`,
  rolloutDrafts: () => `${root}/rollout-drafts`,
  rolloutActs: (id: string) => `${root}/rollouts/${enc(id)}/acts`,
  alarms: (query: Query) => withQuery(`${root}/alarms`, query),
  acknowledge: (id: string) => `${root}/alarms/${enc(id)}/acknowledgement`,
  takers: (id: string) => `${root}/alarms/${enc(id)}/takers`,
  handOver: (id: string) => `${root}/alarms/${enc(id)}/handover`,
  alarmEvents: (id: string) => `${root}/alarms/${enc(id)}/events`,
  review: () => `${root}/alarm-reviews`,
  reviewSeen: (id: string) => `${root}/alarm-reviews/${enc(id)}/seen`,
  simulation: () => `${root}/alarm-simulations`,
  alarmLoad: (query: Query) => withQuery(`${root}/alarm-load`, query),
  audio: (id: string) => `${stay(id)}/audio`,
  soundFloor: (id: string) => `${root}/wards/${enc(id)}/sound-floor`,
  wardAudioPause: (id: string) => `${root}/wards/${enc(id)}/audio-pause`,
  monitoringPause: (id: string) => `${stay(id)}/monitoring-pause`,
  patientCall: (id: string) => `${stay(id)}/patient-call`,
  limits: (id: string) => `${stay(id)}/limits`,
  limitProfiles: (ward: string, retired?: boolean) => withQuery(`${root}/wards/${enc(ward)}/limit-profiles`, { retired: retired === true ? 'true' : undefined }),
  limitProfile: (ward: string, profile: string) => `${root}/wards/${enc(ward)}/limit-profiles/${enc(profile)}`,
  limitProfileVersions: (ward: string, profile: string) => `${root}/wards/${enc(ward)}/limit-profiles/${enc(profile)}/versions`,
  limitProfileRetirement: (ward: string, profile: string) => `${root}/wards/${enc(ward)}/limit-profiles/${enc(profile)}/retirement`,
  alarmOff: (id: string) => `${stay(id)}/alarm-off`,
  codes: () => `${root}/enrolment-codes`,
  revocation: (id: string) => `${device(id)}/revocation`,
  replacement: (id: string) => `${device(id)}/replacement`,
  audit: (query: Query) => withQuery(`${root}/audit`, query),
  auditExport: (query: Query) => withQuery(`${root}/audit/export`, query),
  user: (id: string) => `${root}/users/${enc(id)}`,
  passwordReset: (id: string) => `${root}/users/${enc(id)}/password-reset`,
  tokens: () => `${root}/tokens`,
  token: (id: string) => `${root}/tokens/${enc(id)}`,
  breakGlass: () => `${root}/break-glass`,
  endGlass: (id: string) => `${root}/break-glass/${enc(id)}`,
  ownPassword: () => `${root}/me/password`,
  ownPin: () => `${root}/me/pin`,
  lock: () => `${root}/session/lock`,
  unlock: () => `${root}/session/unlock`,
  auditChain: () => `${root}/audit/chain`,
  users: () => `${root}/users`,
  observations: (id: string) => `${stay(id)}/observations`,
  annotations: (id: string, query: Query = {}) => withQuery(`${stay(id)}/annotations`, query),
  annotationCorrection: (id: string, annotation: string) => `${stay(id)}/annotations/${enc(annotation)}/correction`,
  savedQueries: () => `${root}/saved-queries`,
  savedQuery: (id: string) => `${root}/saved-queries/${enc(id)}`,
  demo: () => `${root}/demo`,
  demoContents: () => `${root}/demo/contents`,
  demoRemoval: () => `${root}/demo/removal`,
  demoScenarios: () => `${root}/demo/scenarios`,
} as const

/** What a person did by a call that succeeded, as far as the guided tour asks for it. */
export type Deed = 'alarm' | 'history' | 'limits' | 'blink' | 'admit' | 'audit'

/** What was done, and the alarm, stay or device it was done to. */
export interface Done {
  readonly deed: Deed
  readonly id: string | undefined
}

const deeds: readonly (readonly [deed: Deed, method: string, path: RegExp, asked?: (body: unknown) => boolean])[] = [
  ['alarm', 'POST', /^\/alarms\/[^/]+\/acknowledgement$/],
  ['history', 'GET', /^\/stays\/[^/]+\/history$/],
  ['limits', 'PUT', /^\/stays\/[^/]+\/limits$/],
  ['blink', 'POST', /^\/devices\/[^/]+\/commands$/, (body) => (body as { do?: string } | undefined)?.do === 'identify'],
  ['admit', 'POST', /^\/stays$/],
  ['audit', 'GET', /^\/audit$/],
]

export function deedOf(method: string, url: string, body: unknown): Done | undefined {
  const path = url.slice(root.length).split('?')[0] ?? ''
  const deed = deeds.find(([, how, where, asked]) => how === method && where.test(path) && (asked?.(body) ?? true))?.[0]
  return deed && { deed, id: path.split('/')[2] }
}
