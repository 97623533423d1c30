import type { CommandAccepted, CommandRecord, Device, DeviceConfig, DeviceConfigChange, DeviceCreated, Ledger, NewCommand, NewDevice } from '@vigil/contract/api/devices'
import type { History } from '@vigil/contract/api/history'
import type { NewPatient, NewStay, Patient, Stay, StayChange, Transfer, Ward } from '@vigil/contract/api/patients'
import type { SessionInfo, SignIn } from '@vigil/contract/api/people'
import { apiPaths } from '../paths.ts'
import { type Http } from './http.ts'

/** What a history call may ask; times in milliseconds since the Unix epoch. */
export interface HistoryAsk {
  readonly signals?: string | undefined
  readonly from: number
  readonly to: number
  readonly points?: number
}

/** Whose history: a stay (follows the patient over devices) or one device. */
export type Subject = { readonly stay: string } | { readonly device: string }

/** The central station's calls, by what they are for. */
export type Api = ReturnType<typeof createApi>

export function createApi(http: Http) {
  return { ...people(http), ...wards(http), ...devices(http), ...records(http) }
}

function people(http: Http) {
  return {
    signIn: (body: SignIn) => http.post<SessionInfo>(apiPaths.session(), body),
    signOut: () => http.delete<void>(apiPaths.session()),
    me: () => http.get<SessionInfo>(apiPaths.me()),
    patients: async (q: string, signal?: AbortSignal) => (await http.get<{ patients: Patient[] }>(apiPaths.patients(q), signal)).patients,
    patient: (id: string, signal?: AbortSignal) => http.get<Patient>(apiPaths.patient(id), signal),
    addPatient: (body: NewPatient) => http.post<Patient>(apiPaths.patients(), body),
  }
}

function wards(http: Http) {
  return {
    wards: async (signal?: AbortSignal) => (await http.get<{ wards: Ward[] }>(apiPaths.wards(), signal)).wards,
    stay: (id: string, signal?: AbortSignal) => http.get<Stay>(apiPaths.stay(id), signal),
    admit: (body: NewStay) => http.post<Stay>(apiPaths.stays(), body),
    changeStay: (id: string, body: StayChange) => http.patch<Stay>(apiPaths.stay(id), body),
    discharge: (id: string) => http.post<Stay>(apiPaths.discharge(id)),
    transfer: (id: string, to: Transfer) => http.post<Stay>(apiPaths.transfer(id), to),
    reopen: (id: string) => http.post<Stay>(apiPaths.reopen(id)),
  }
}

function devices(http: Http) {
  return {
    devices: async (signal?: AbortSignal) => (await http.get<{ devices: Device[] }>(apiPaths.devices(), signal)).devices,
    device: (id: string, signal?: AbortSignal) => http.get<Device>(apiPaths.device(id), signal),
    addDevice: (body: NewDevice) => http.post<DeviceCreated>(apiPaths.devices(), body),
    ledger: (id: string, signal?: AbortSignal) => http.get<Ledger>(apiPaths.ledger(id), signal),
    commands: async (id: string, signal?: AbortSignal) => (await http.get<{ commands: CommandRecord[] }>(apiPaths.commands(id), signal)).commands,
    send: (id: string, body: NewCommand) => http.post<CommandAccepted>(apiPaths.commands(id), body),
    cancel: (id: string, command: string) => http.post<CommandRecord>(apiPaths.cancelCommand(id, command)),
    config: (id: string, signal?: AbortSignal) => http.get<DeviceConfig>(apiPaths.config(id), signal),
    setConfig: (id: string, body: DeviceConfigChange) => http.put<DeviceConfig>(apiPaths.config(id), body),
  }
}

function records(http: Http) {
  return {
    history: (subject: Subject, ask: HistoryAsk, signal?: AbortSignal) =>
      http.get<History>('stay' in subject ? apiPaths.stayHistory(subject.stay, { ...ask }) : apiPaths.deviceHistory(subject.device, { ...ask }), signal),
    /** A link, not a call: the browser downloads it with the session cookie. */
    csvUrl: (subject: Subject, ask: HistoryAsk) =>
      'stay' in subject ? apiPaths.stayCsv(subject.stay, { ...ask }) : apiPaths.deviceCsv(subject.device, { ...ask }),
  }
}
