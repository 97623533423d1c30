import { dirname, join } from 'node:path'
import { type HealthFact, type Log, markDemoRemoved } from '@vigil/program'
import { createProposals } from '../admissions/proposals.ts'
import { createProposalStore } from '../admissions/proposal-store-pg.ts'
import { createAnnotations } from '../annotations/annotations.ts'
import { createAnnotationStore } from '../annotations/annotation-store-pg.ts'
import { createSavedQueries } from '../annotations/saved-queries-pg.ts'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import type { EnginePlace } from '../alarms/place/engine-host.ts'
import { listenForChanges } from '../db/change-listener.ts'
import { iso } from '../iso.ts'
import { createDemo } from '../demo/demo.ts'
import { createDemoDataStore } from '../demo/demo-data-store-pg.ts'
import { createDemoRemoval } from '../demo/demo-removal.ts'
import { createDeviceStore } from '../devices/device-store-pg.ts'
import { createDevices } from '../devices/devices.ts'
import { createFirmware } from '../firmware/firmware.ts'
import { createFirmwareStore } from '../firmware/firmware-store-pg.ts'
import { createEnrolment } from '../enrolment/enrolment.ts'
import { createEnrolmentStore } from '../enrolment/enrolment-store-pg.ts'
import { openExportFolder } from '../exports/export-folder.ts'
import { createExportSource } from '../exports/export-store-pg.ts'
import { openExports } from '../exports/exports.ts'
import { createCsv } from '../history/csv.ts'
import { createHistory } from '../history/history.ts'
import { createHistoryStore } from '../history/history-store-pg.ts'
import { createWaveforms } from '../waves/waveforms.ts'
import { createWaveStore } from '../waves/wave-store-pg.ts'
import type { Services } from '../http/services.ts'
import { createLedger } from '../ledger/ledger.ts'
import { createCompleteness } from '../ledger/completeness.ts'
import { createCompletenessStore } from '../ledger/completeness-store-pg.ts'
import { createLedgerStore } from '../ledger/ledger-store-pg.ts'
import { showInHomeAssistant } from '../live/home-assistant-link.ts'
import { createSeedStore } from '../live/seed-store-pg.ts'
import { seedLiveValues } from '../live/seed.ts'
import { createDropCounter, exposeFigures } from '../metrics.ts'
import { createPatients } from '../patients/patients.ts'
import { createPatientStore } from '../patients/patient-store-pg.ts'
import { diskRoom } from '../path-health/disk-room.ts'
import { createPathHealth } from '../path-health/path-health.ts'
import { createPathStore } from '../path-health/path-store-pg.ts'
import { createPlaces } from '../people/places.ts'
import { createPlaceStore } from '../people/place-store-pg.ts'
import { ensureFirstAdministrator, type FirstAdministrator } from '../people/first-administrator.ts'
import { createRegistry } from '../registry/registry.ts'
import { createWorldStore } from '../registry/world-store-pg.ts'
import { createStayStore } from '../stays/stay-store-pg.ts'
import { createStays } from '../stays/stays.ts'
import { createHl7CodeBook } from '../sources/hl7-codes.ts'
import { createHl7CodeStore } from '../sources/hl7-code-store-pg.ts'
import { createHl7Sources } from '../sources/hl7-sources.ts'
import { createRolloutStore } from '../rollouts/rollout-store-pg.ts'
import { Rollouts } from '../rollouts/rollouts.ts'
import { createHl7SourceStore } from '../sources/hl7-source-store-pg.ts'
import { createIhp } from '../sources/ihp.ts'
import { createIhpStore } from '../sources/ihp-store-pg.ts'
import { doneWithin } from '../time-limit.ts'
import { createWardStore } from '../wards/ward-store-pg.ts'
import { createWardTrend } from '../wards/ward-trend.ts'
import { createWards } from '../wards/wards.ts'
import { assembleFhir, type FhirParts } from './fhir.ts'
import type { Foundation } from './foundation.ts'
import { type AlarmParts, assembleAlarms, createDesk } from './alarms.ts'
import { assembleHealthByMqtt, assembleHealthData } from './health-data.ts'
import { assembleBecalm, type BecalmSettings } from './becalm.ts'
import { assembleLive, type LiveParts, type MqttOptions } from './live.ts'
import { assembleOutbound, type OutboundParts } from './outbound.ts'
import { assemblePeople, type PeopleParts } from './people.ts'

const RESUME_LIMIT_MS = 2_000
const ENGINE_LIMIT_MS = 10_000

export interface AssembleOptions extends Omit<Foundation, 'registry' | 'countDrop'> {
  readonly mqtt: MqttOptions
  readonly adminPassword: string | undefined
  readonly notifyFile: string | undefined
  /** Addresses inside that targets may name. */
  readonly outboundAllow: readonly string[]
  /** Home Assistant's broker, and the devices it may see. */
  readonly homeAssistant: { readonly url: string; readonly devices: readonly string[] } | undefined
  /** Whether the interface of the HL7 receiver for IHP is open. */
  readonly ihpApi: boolean
  readonly enginePlace: EnginePlace
  readonly becalm: BecalmSettings
}

export interface Station {
  readonly services: Services
  readonly admin: FirstAdministrator
  /** Where stations of becalm call, when they may. */
  readonly becalmPort: number | undefined
  stop(): Promise<void>
}

/** Builds the station from its parts and takes up where the last run ended. */
export async function assemble(options: AssembleOptions): Promise<Station> {
  const { database, cache, clock, log, metrics } = options
  const registry = createRegistry({ store: createWorldStore(database), cache, health: database.health, clock, log })
  const foundation: Foundation = { ...options, registry, countDrop: createDropCounter(metrics) }
  const people = await assemblePeople(foundation)
  const admin = await takeUp(foundation, people, options.adminPassword)
  const desk = createDesk(foundation)
  const live = await assembleLive(foundation, people, desk, options.mqtt)
  const alarms = assembleAlarms(foundation, live, desk, { place: options.enginePlace, databaseUrl: options.databaseUrl, mqtt: options.mqtt, notifyFile: options.notifyFile })
  const outbound = assembleOutbound(foundation, live, options.outboundAllow)
  const home = options.homeAssistant && showInHomeAssistant({ ...options.homeAssistant, hub: live.hub, registry, clock, log })
  const fhir = assembleFhir(foundation, live, alarms, outbound)
  const rollouts = new Rollouts({ ...foundation, ...live, audit: people.audit, store: createRolloutStore(database), health: database.health })
  const resume = () => resumeLive(foundation, live, rollouts)
  // Ready means that alarms are watched; an engine that does not come up is an alarm itself, and nobody waits for it.
  await doneWithin(clock, ENGINE_LIMIT_MS, desk.untilWorking())
  // A wall that opens now should know what was measured before; a slow database is not waited for.
  await doneWithin(clock, RESUME_LIMIT_MS, resume())
  const stops = [database.health.onChange((state) => void (state === 'ok' && resume()))]
  const changes = listenForChanges({ url: options.databaseUrl, health: database.health, clock, log, onProposals: () => live.broadcast.proposals(), onChange: () => void Promise.all([registry.refresh(), quietly(people.sessions.refresh(), log), quietly(people.tokenBook.refresh(), log), quietly(people.glass.refresh(), log)]) })
  expose(foundation, people, live, desk)
  const becalm = await assembleBecalm(foundation, people.audit, options.becalm)

  const services = servicesOf(foundation, people, live, alarms, outbound, fhir)
  const healthLink = await assembleHealthByMqtt(foundation, services.healthImports, options.mqtt)
  const hl7Codes = createHl7CodeBook({ store: createHl7CodeStore(database), health: database.health, clock, log })
  const exports = await openExports({ source: createExportSource(database), folder: openExportFolder(join(options.folder, 'exports'), log), clock, log })
  return {
    services: { ...services, rollouts, exports, hl7Codes, ihp: options.ihpApi ? createIhp({ store: createIhpStore(database), patients: services.patients }) : undefined },
    admin,
    becalmPort: becalm.port,
    async stop() {
      await exports.stop()
      await rollouts.stop()
      hl7Codes.stop()
      await becalm.stop()
      await healthLink.stop()
      for (const stop of stops) stop()
      await home?.stop()
      await fhir.stop()
      await outbound.stop()
      await alarms.stop()
      await changes.stop()
      await live.stop()
      await people.sessions.stop()
      await people.tokenBook.stop()
      people.glass.stop()
      await people.stopDue()
      people.chain.stop()
      await people.auditJournal.stop()
      await people.anchors.stop()
      registry.stop()
    },
  }
}

/** Before anything is served: who may sign in, what is where. Without PostgreSQL the cache of the last run has it. */
async function takeUp({ database, registry, clock }: Foundation, people: PeopleParts, password: string | undefined): Promise<FirstAdministrator> {
  if (database.health.state() === 'away') return { created: false }
  const admin = await ensureFirstAdministrator({ accounts: people.accounts, clock, password })
  await registry.refresh()
  await people.sessions.refresh()
  await people.tokenBook.refresh()
  await people.glass.refresh()
  return admin
}

/** At each start and whenever PostgreSQL is back: open commands, values and courses from before. */
async function resumeLive({ database, registry, clock, log }: Foundation, { commands, hub, fillQuarter }: LiveParts, rollouts: Rollouts): Promise<void> {
  if (database.health.state() === 'away') return
  await quietly(commands.resume(), log)
  await quietly(rollouts.resume(), log)
  await seedLiveValues({ store: createSeedStore(database), registry, hub, clock, log })
  await fillQuarter()
}

async function quietly(work: Promise<void>, log: Log): Promise<void> {
  await work.catch((err: unknown) => log.warn({ err }, 'station.not_resumed'))
}

function servicesOf(foundation: Foundation, people: PeopleParts, live: LiveParts, alarms: AlarmParts, { targets }: OutboundParts, { fhir }: FhirParts): Omit<Services, 'ihp' | 'exports' | 'hl7Codes' | 'rollouts'> {
  const { database, databaseUrl, registry, folder, secrets, boards, metrics, clock, log } = foundation
  const historyStore = createHistoryStore(database)
  const patients = createPatients({ store: createPatientStore(database), registry, clock })
  const stays = createStays({ store: createStayStore(database), registry, clock })
  const ready = (): HealthFact[] => [
    { name: 'database', ok: database.health.state() === 'ok' },
    { name: 'broker', ok: live.link.connected() },
    { name: 'alarm engine', ok: alarms.alarms.working },
  ]
  return {
    ...people,
    ...live,
    ...alarms,
    registry,
    places: createPlaces({ store: createPlaceStore(database), registry, openAlarm: (id) => alarms.alarms.find(id), openedWard: (id) => people.glass.find(id)?.wardId }),
    wards: createWards({ store: createWardStore(database), registry, view: live.view, trendOf: createWardTrend({ registry, quarter: live.quarter, clock }), clock }),
    patients,
    stays,
    proposals: createProposals({ store: createProposalStore(database), patients, stays, registry, clock }),
    devices: createDevices({ store: createDeviceStore(database), registry, hub: live.hub, pepper: secrets.pepper, clock }),
    pathHealth: createPathHealth({ store: createPathStore(database), health: database.health, link: live.link, watch: () => alarms.alarms.watch(), room: diskRoom(databaseUrl), clock }),
    firmware: createFirmware({ store: createFirmwareStore(database), registry, hub: live.hub, clock }),
    enrolment: createEnrolment({ store: createEnrolmentStore(database), registry, audit: people.audit, boards, pepper: secrets.pepper, clock }),
    demo: createDemo({ registry, hub: live.hub, commands: live.commands, clock }),
    demoRemoval: createDemoRemoval({ store: createDemoDataStore({ database, url: databaseUrl, clock, log }), registry, mark: (by) => markDemoRemoved(dirname(folder), { at: iso(clock.now()), by }), clock }),
    ledger: createLedger({ store: createLedgerStore(database), registry }),
    completeness: createCompleteness({ store: createCompletenessStore(database), ledger: createLedgerStore(database), registry, clock }),
    history: createHistory({ store: historyStore, registry, clock, intervalOf: (device) => live.hub.intervalMs(device) }),
    waveforms: createWaveforms({ store: createWaveStore(database), clock }),
    ...assembleHealthData(foundation, people.audit),
    annotations: createAnnotations({ store: createAnnotationStore(database), clock }),
    savedQueries: createSavedQueries({ database, clock }),
    csv: createCsv({ store: historyStore, clock }),
    fhir,
    targets,
    hl7Sources: createHl7Sources(createHl7SourceStore(database)),
    ready,
    metrics,
  }
}

function expose({ metrics, database }: Foundation, { auditJournal, chain }: PeopleParts, { broadcast, link, commandJournal }: LiveParts, desk: AlarmDesk): void {
  exposeFigures(metrics, {
    viewers: () => broadcast.viewers,
    databaseUp: () => database.health.state() === 'ok',
    brokerUp: () => link.connected(),
    journalBytes: () => ({ audit: auditJournal.depth(), command: commandJournal.depth() }),
    alarmWatch: () => desk.watch(),
    auditBreaks: () => chain.broken(),
    journalRejected: () => ({ audit: auditJournal.rejected(), command: commandJournal.rejected() }),
  })
}
