import type { NewRollout, RingSizes, Rollout, RolloutActing, RolloutDraft, RolloutList } from '@vigil/contract/api/rollouts'
import type { CommandAccepted, CommandRecord, Completeness, Device, DeviceConfig, DeviceConfigChange, DeviceCreated, Ledger, NewCommand, NewDevice, Replacement, Revocation } from '@vigil/contract/api/devices'
import type { LookList } from '@vigil/contract/api/looks'
import type { OwnCall, OwnCare } from '@vigil/contract/api/own'
import type { AdmissionProposal, AdmissionProposalList, ProposalAcceptance } from '@vigil/contract/api/admissions'
import type { Acknowledgement, Alarm, AlarmEventList, AlarmList, AudioChange, AudioNow, HandingOver, MonitoringNow, MonitoringPause, ReviewItem, TakerList } from '@vigil/contract/api/alarms'
import type { AlarmLoad, SimulationRequest, SimulationResult } from '@vigil/contract/api/alarm-studies'
import type { Annotation, AnnotationCorrection, NewAnnotation, NewSavedQuery, SavedQuery } from '@vigil/contract/api/annotations'
import type { Demo, DemoContents, DemoRemoval, DemoRemoved, DemoRun, DemoStart } from '@vigil/contract/api/demo'
import type { AlarmOffChange, LimitProfile, LimitProfileChange, LimitProfileEnd, LimitProfileHistory, LimitProfileList, Limits, NewLimitProfile, LimitsChange, NewObservation, Observation } from '@vigil/contract/api/alarm-limits'
import type { EnrolmentCode, EnrolmentCodeCreated, NewEnrolmentCode } from '@vigil/contract/api/enrolment'
import type { ExportJob, NewExport } from '@vigil/contract/api/exports'
import type { PathHealth } from '@vigil/contract/api/path-health'
import type { FirmwareChange, FirmwareHistory, FirmwareList, FirmwareModel } from '@vigil/contract/api/firmware'
import type { HealthData, HealthImportList, HealthSource, HealthSourceCreated, HealthSourceList, NewHealthSource } from '@vigil/contract/api/health-data'
import type { CodeMapping, Hl7Codes } from '@vigil/contract/api/hl7-codes'
import type { History } from '@vigil/contract/api/history'
import type { NewPatient, NewStay, Patient, SoundFloor, Stay, StayChange, Transfer, Ward } from '@vigil/contract/api/patients'
import type { BedChange, BedRetirement, NewBed, NewWard, WardChange } from '@vigil/contract/api/ward-layout'
import type { WardTrend } from '@vigil/contract/api/ward-trend'
import type { AuditChain, AuditEntry } from '@vigil/contract/api/audit'
import type { BreakGlass, NewBreakGlass } from '@vigil/contract/api/break-glass'
import type { NewUser, PasswordChange, PinChange, SessionInfo, SignIn, Unlock, User, UserChange, UserWithPassword } from '@vigil/contract/api/people'
import type { AccessToken, AccessTokenCreated, NewAccessToken } from '@vigil/contract/api/tokens'
import type { Waveforms } from '@vigil/contract/api/waveforms'
import { apiPaths } from '../paths.ts'
import type { Http } from './http.ts'

/** What a history call may ask; times in milliseconds since the Unix epoch. */
export interface HistoryAsk {
  readonly signals?: string | undefined
  readonly from: number
  readonly to: number
  readonly points?: number
}

export interface WaveformAsk {
  readonly channel: string
  readonly from: number
  readonly to: number
  /** Beyond so many samples the answer is minimum and maximum of equal steps. */
  readonly points: number
}

/** Whose history: a stay (follows the patient over devices) or one device. */
export type Subject = { readonly stay: string } | { readonly device: string }

/** The central station's calls, by what they are for. */
export type Api = ReturnType<typeof createApi>

export function createApi(http: Http) {
  return { ...people(http), ...wards(http), ...devices(http), ...records(http), ...alarms(http) }
}

function people(http: Http) {
  return {
    signIn: (body: SignIn) => http.post<SessionInfo>(apiPaths.session(), body),
    signOut: () => http.delete<void>(apiPaths.session()),
    me: () => http.get<SessionInfo>(apiPaths.me()),
    patients: async (q: string, signal?: AbortSignal) => (await http.get<{ patients: Patient[] }>(apiPaths.patients(q), signal)).patients,
    ownCare: (signal?: AbortSignal) => http.get<OwnCare>(apiPaths.ownCare(), signal),
    ownHistory: (ask: HistoryAsk, signal?: AbortSignal) => http.get<History>(apiPaths.ownHistory({ ...ask }), signal),
    ownCall: () => http.post<OwnCall>(apiPaths.ownCall()),
    /** Who looked at this patient's data; without one, at that of the patient signed in. */
    ownPhones: async (signal?: AbortSignal) => (await http.get<HealthSourceList>(apiPaths.ownPhones(), signal)).sources,
    endOwnPhone: (id: string) => http.delete<HealthSource>(apiPaths.ownPhone(id)),
    looks: (patient?: string, signal?: AbortSignal) => http.get<LookList>(patient === undefined ? apiPaths.ownLooks() : apiPaths.looks(patient), signal),
    patient: (id: string, signal?: AbortSignal) => http.get<Patient>(apiPaths.patient(id), signal),
    users: async (signal?: AbortSignal) => (await http.get<{ users: User[] }>(apiPaths.users(), signal)).users,
    addUser: (body: NewUser) => http.post<UserWithPassword>(apiPaths.users(), body),
    changeUser: (id: string, body: UserChange) => http.patch<UserWithPassword>(apiPaths.user(id), body),
    resetPassword: (id: string) => http.post<UserWithPassword>(apiPaths.passwordReset(id)),
    tokens: async (signal?: AbortSignal) => (await http.get<{ tokens: AccessToken[] }>(apiPaths.tokens(), signal)).tokens,
    addToken: (body: NewAccessToken) => http.post<AccessTokenCreated>(apiPaths.tokens(), body),
    endToken: (id: string) => http.delete<AccessToken>(apiPaths.token(id)),
    opened: async (signal?: AbortSignal) => (await http.get<{ grants: BreakGlass[] }>(apiPaths.breakGlass(), signal)).grants,
    breakGlass: (body: NewBreakGlass) => http.post<BreakGlass>(apiPaths.breakGlass(), body),
    endGlass: (id: string) => http.delete<BreakGlass>(apiPaths.endGlass(id)),
    setPassword: (body: PasswordChange) => http.put<void>(apiPaths.ownPassword(), body),
    setPin: (body: PinChange) => http.put<void>(apiPaths.ownPin(), body),
    lock: () => http.post<void>(apiPaths.lock()),
    unlock: (body: Unlock) => http.post<void>(apiPaths.unlock(), body),
    audit: async (query: Readonly<Record<string, string | number | undefined>>, signal?: AbortSignal) => (await http.get<{ entries: AuditEntry[] }>(apiPaths.audit(query), signal)).entries,
    auditChain: (signal?: AbortSignal) => http.get<AuditChain>(apiPaths.auditChain(), signal),
    addPatient: (body: NewPatient) => http.post<Patient>(apiPaths.patients(), body),
  }
}

/** The page's first look at the wards: several parts of it ask before any has an answer, and share one. Later each asks for itself. */
function firstShared<T>(ask: (signal?: AbortSignal) => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let first: Promise<T> | undefined
  let isOver = false
  return (signal) => {
    if (isOver) return ask(signal)
    return (first ??= ask().finally(() => (isOver = true)))
  }
}

function wards(http: Http) {
  return {
    wards: firstShared(async (signal?: AbortSignal) => (await http.get<{ wards: Ward[] }>(apiPaths.wards(), signal)).wards),
    makeWard: (body: NewWard) => http.post<Ward>(apiPaths.wards(), body),
    changeWard: (ward: string, body: WardChange) => http.patch<Ward>(apiPaths.ward(ward), body),
    addBed: (ward: string, body: NewBed) => http.post<Ward>(apiPaths.beds(ward), body),
    changeBed: (ward: string, bed: string, body: BedChange) => http.patch<Ward>(apiPaths.bed(ward, bed), body),
    retireBed: (ward: string, bed: string, body: BedRetirement) => http.post<Ward>(apiPaths.bedRetirement(ward, bed), body),
    wardTrend: (ward: string, signal?: AbortSignal) => http.get<WardTrend>(apiPaths.wardTrend(ward), signal),
    stay: (id: string, signal?: AbortSignal) => http.get<Stay>(apiPaths.stay(id), signal),
    admit: (body: NewStay) => http.post<Stay>(apiPaths.stays(), body),
    changeStay: (id: string, body: StayChange) => http.patch<Stay>(apiPaths.stay(id), body),
    discharge: (id: string) => http.post<Stay>(apiPaths.discharge(id)),
    transfer: (id: string, to: Transfer) => http.post<Stay>(apiPaths.transfer(id), to),
    proposals: (state: 'open' | 'decided', signal?: AbortSignal) => http.get<AdmissionProposalList>(apiPaths.proposals(state), signal),
    acceptProposal: (id: string, body: ProposalAcceptance) => http.post<AdmissionProposal>(apiPaths.proposalAcceptance(id), body),
    refuseProposal: (id: string) => http.post<AdmissionProposal>(apiPaths.proposalRefusal(id), {}),
    reopen: (id: string) => http.post<Stay>(apiPaths.reopen(id)),
  }
}

function devices(http: Http) {
  return {
    devices: async (signal?: AbortSignal) => (await http.get<{ devices: Device[] }>(apiPaths.devices(), signal)).devices,
    device: (id: string, signal?: AbortSignal) => http.get<Device>(apiPaths.device(id), signal),
    addDevice: (body: NewDevice) => http.post<DeviceCreated>(apiPaths.devices(), body),
    makeCode: (body: NewEnrolmentCode) => http.post<EnrolmentCodeCreated>(apiPaths.codes(), body),
    codes: async (signal?: AbortSignal) => (await http.get<{ codes: EnrolmentCode[] }>(apiPaths.codes(), signal)).codes,
    revoke: (id: string, body: Revocation) => http.post<Device>(apiPaths.revocation(id), body),
    replaceDevice: (id: string, body: Replacement) => http.post<Stay>(apiPaths.replacement(id), body),
    hl7Codes: (id: string, signal?: AbortSignal) => http.get<Hl7Codes>(apiPaths.hl7Codes(id), signal),
    mapHl7Code: (id: string, body: CodeMapping) => http.put<Hl7Codes>(apiPaths.hl7Codes(id), body),
    ledger: (id: string, signal?: AbortSignal) => http.get<Ledger>(apiPaths.ledger(id), signal),
    completeness: (id: string, zone: string, signal?: AbortSignal) => http.get<Completeness>(apiPaths.completeness(id, zone), signal),
    commands: async (id: string, signal?: AbortSignal) => (await http.get<{ commands: CommandRecord[] }>(apiPaths.commands(id), signal)).commands,
    send: (id: string, body: NewCommand) => http.post<CommandAccepted>(apiPaths.commands(id), body),
    cancel: (id: string, command: string) => http.post<CommandRecord>(apiPaths.cancelCommand(id, command)),
    config: (id: string, signal?: AbortSignal) => http.get<DeviceConfig>(apiPaths.config(id), signal),
    setConfig: (id: string, body: DeviceConfigChange) => http.put<DeviceConfig>(apiPaths.config(id), body),
    pathHealth: (signal?: AbortSignal) => http.get<PathHealth>(apiPaths.pathHealth(), signal),
    firmware: async (signal?: AbortSignal) => (await http.get<FirmwareList>(apiPaths.firmware(), signal)).models,
    firmwareDecisions: async (hardware: string, signal?: AbortSignal) => (await http.get<FirmwareHistory>(apiPaths.firmwareDecisions(hardware), signal)).decisions,
    decideFirmware: (body: FirmwareChange) => http.put<FirmwareModel>(apiPaths.firmware(), body),
    rollouts: async (signal?: AbortSignal) => (await http.get<RolloutList>(apiPaths.rollouts(), signal)).rollouts,
    ringSizes: async (body: RolloutDraft, signal?: AbortSignal) => (await http.post<RingSizes>(apiPaths.rolloutDrafts(), body, signal)).rings,
    startRollout: (body: NewRollout) => http.post<Rollout>(apiPaths.rollouts(), body),
    actOnRollout: (id: string, body: RolloutActing) => http.post<Rollout>(apiPaths.rolloutActs(id), body),
    demo: (signal?: AbortSignal) => http.get<Demo>(apiPaths.demo(), signal),
    demoContents: (signal?: AbortSignal) => http.get<DemoContents>(apiPaths.demoContents(), signal),
    removeDemo: (body: DemoRemoval) => http.post<DemoRemoved>(apiPaths.demoRemoval(), body),
    playScenario: (body: DemoStart) => http.post<DemoRun>(apiPaths.demoScenarios(), body),
  }
}

function records(http: Http) {
  return {
    history: (subject: Subject, ask: HistoryAsk, signal?: AbortSignal) =>
      http.get<History>('stay' in subject ? apiPaths.stayHistory(subject.stay, { ...ask }) : apiPaths.deviceHistory(subject.device, { ...ask }), signal),
    waveforms: (stay: string, ask: WaveformAsk, signal?: AbortSignal) => http.get<Waveforms>(apiPaths.stayWaveforms(stay, { ...ask }), signal),
    healthData: (patient: string, query: { range: string; from?: number | undefined; to?: number | undefined }, signal?: AbortSignal) => http.get<HealthData>(apiPaths.healthData(patient, { ...query }), signal),
    healthImports: async (patient: string, signal?: AbortSignal) => (await http.get<HealthImportList>(apiPaths.healthImports(patient), signal)).imports,
    healthSources: async (patient: string, signal?: AbortSignal) => (await http.get<HealthSourceList>(apiPaths.healthSources(patient), signal)).sources,
    addHealthSource: (patient: string, body: NewHealthSource) => http.post<HealthSourceCreated>(apiPaths.healthSources(patient), body),
    endHealthSource: (patient: string, id: string) => http.delete<HealthSource>(apiPaths.healthSource(patient, id)),
    annotations: async (stay: string, query: { from: number; to: number }, signal?: AbortSignal) => (await http.get<{ annotations: Annotation[] }>(apiPaths.annotations(stay, query), signal)).annotations,
    annotate: (stay: string, body: NewAnnotation) => http.post<Annotation>(apiPaths.annotations(stay), body),
    correctAnnotation: (stay: string, id: string, body: AnnotationCorrection) => http.post<Annotation>(apiPaths.annotationCorrection(stay, id), body),
    savedQueries: async (signal?: AbortSignal) => (await http.get<{ queries: SavedQuery[] }>(apiPaths.savedQueries(), signal)).queries,
    keepQuery: (body: NewSavedQuery) => http.post<SavedQuery>(apiPaths.savedQueries(), body),
    removeQuery: (id: string) => http.delete<void>(apiPaths.savedQuery(id)),
    exports: async (signal?: AbortSignal) => (await http.get<{ exports: ExportJob[] }>(apiPaths.exports(), signal)).exports,
    makeExport: (body: NewExport) => http.post<ExportJob>(apiPaths.exports(), body),
    removeExport: (id: string) => http.delete<void>(apiPaths.export(id)),
    exportUrl: (id: string) => apiPaths.exportFile(id),
    /** A link, not a call: the browser downloads it with the session cookie. */
    csvUrl: (subject: Subject, ask: HistoryAsk) =>
      'stay' in subject ? apiPaths.stayCsv(subject.stay, { ...ask }) : apiPaths.deviceCsv(subject.device, { ...ask }),
  }
}

function alarms(http: Http) {
  return {
    alarms: (query: { state?: string; ward?: string; stay?: string; from?: number; to?: number; limit?: number } = {}, signal?: AbortSignal) => http.get<AlarmList>(apiPaths.alarms(query), signal),
    acknowledge: (id: string, body: Acknowledgement) => http.post<Alarm>(apiPaths.acknowledge(id), body),
    alarmTakers: async (id: string, signal?: AbortSignal) => (await http.get<TakerList>(apiPaths.takers(id), signal)).takers,
    handOver: (id: string, body: HandingOver) => http.post<Alarm>(apiPaths.handOver(id), body),
    alarmLife: (id: string, signal?: AbortSignal) => http.get<AlarmEventList>(apiPaths.alarmEvents(id), signal),
    review: async (signal?: AbortSignal) => (await http.get<{ items: ReviewItem[] }>(apiPaths.review(), signal)).items,
    seen: (id: string) => http.post<ReviewItem>(apiPaths.reviewSeen(id)),
    patientCalls: (stay: string) => http.post<Alarm>(apiPaths.patientCall(stay)),
    setAudio: (stay: string, body: AudioChange) => http.put<AudioNow>(apiPaths.audio(stay), body),
    setSoundFloor: (ward: string, percent: number) => http.put<SoundFloor>(apiPaths.soundFloor(ward), { percent }),
    pauseWard: (ward: string) => http.post<{ stays: number }>(apiPaths.wardAudioPause(ward)),
    resumeWard: (ward: string) => http.delete<{ stays: number }>(apiPaths.wardAudioPause(ward)),
    pauseMonitoring: (stay: string, body: MonitoringPause) => http.put<MonitoringNow>(apiPaths.monitoringPause(stay), body),
    resumeMonitoring: (stay: string) => http.delete<MonitoringNow>(apiPaths.monitoringPause(stay)),
    limits: (stay: string, signal?: AbortSignal) => http.get<Limits>(apiPaths.limits(stay), signal),
    limitProfiles: async (ward: string, retired: boolean, signal?: AbortSignal) => (await http.get<LimitProfileList>(apiPaths.limitProfiles(ward, retired), signal)).profiles,
    limitProfileVersions: async (ward: string, id: string, signal?: AbortSignal) => (await http.get<LimitProfileHistory>(apiPaths.limitProfileVersions(ward, id), signal)).versions,
    makeLimitProfile: (ward: string, body: NewLimitProfile) => http.post<LimitProfile>(apiPaths.limitProfiles(ward), body),
    changeLimitProfile: (ward: string, id: string, body: LimitProfileChange) => http.put<LimitProfile>(apiPaths.limitProfile(ward, id), body),
    retireLimitProfile: (ward: string, id: string, body: LimitProfileEnd) => http.post<LimitProfileHistory>(apiPaths.limitProfileRetirement(ward, id), body),
    setLimits: (stay: string, body: LimitsChange) => http.put<Limits>(apiPaths.limits(stay), body),
    setAlarmOff: (stay: string, body: AlarmOffChange) => http.put<Limits>(apiPaths.alarmOff(stay), body),
    observations: async (stay: string, signal?: AbortSignal) => (await http.get<{ observations: Observation[] }>(apiPaths.observations(stay), signal)).observations,
    observe: (stay: string, body: NewObservation) => http.post<Observation>(apiPaths.observations(stay), body),
    simulate: (body: SimulationRequest) => http.post<SimulationResult>(apiPaths.simulation(), body),
    alarmLoad: (query: { ward?: string | undefined; from?: number; to?: number }, signal?: AbortSignal) => http.get<AlarmLoad>(apiPaths.alarmLoad(query), signal),
  }
}
