import type { PathHealth } from '@vigil/contract'
import type { HealthFact } from '@vigil/program'
import type { Proposals } from '../admissions/proposals.ts'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import type { createAlarmLoad } from '../alarms/alarm-load.ts'
import type { LateList } from '../alarms/log/late-list.ts'
import type { LimitProfiles } from '../alarms/limits/limit-profiles.ts'
import type { LimitsService } from '../alarms/limits/limits-service.ts'
import type { Simulation } from '../alarms/limits/simulation.ts'
import type { AnnotationService } from '../annotations/annotations.ts'
import type { SavedQueries } from '../annotations/saved-queries.ts'
import type { Audit } from '../audit/audit.ts'
import type { AuditExports } from '../audit/audit-exports.ts'
import type { Looks } from '../audit/looks.ts'
import type { ChainWatch } from '../audit/chain-watch.ts'
import type { Visits } from '../audit/visits.ts'
import type { WardReads } from '../audit/ward-reads.ts'
import type { Commands } from '../commands/commands.ts'
import type { Configuration } from '../config/configuration.ts'
import type { DemoService } from '../demo/demo.ts'
import type { DemoRemoval } from '../demo/demo-removal.ts'
import type { Devices } from '../devices/devices.ts'
import type { EnrolmentService } from '../enrolment/enrolment.ts'
import type { Exports } from '../exports/exports.ts'
import type { Firmware } from '../firmware/firmware.ts'
import type { CsvService } from '../history/csv.ts'
import type { FhirServer } from '../fhir/fhir-server.ts'
import type { HealthImports } from '../health-data/health-imports.ts'
import type { HealthReadings } from '../health-data/health-readings.ts'
import type { HistoryService } from '../history/history.ts'
import type { WaveformService } from '../waves/waveforms.ts'
import type { CompletenessService } from '../ledger/completeness.ts'
import type { LedgerService } from '../ledger/ledger.ts'
import type { ArmedScreens } from '../live/armed-screens.ts'
import type { Broadcast } from '../live/broadcast.ts'
import type { Targets } from '../outbound/targets.ts'
import type { Patients } from '../patients/patients.ts'
import type { Gate } from '../people/gate.ts'
import type { Glass } from '../people/glass.ts'
import type { OwnSecrets } from '../people/own-secrets.ts'
import type { Places } from '../people/places.ts'
import type { SignInService } from '../people/sign-in.ts'
import type { Tokens } from '../people/tokens.ts'
import type { Users } from '../people/users.ts'
import type { Registry } from '../registry/registry.ts'
import type { Rollouts } from '../rollouts/rollouts.ts'
import type { Hl7CodeBook } from '../sources/hl7-codes.ts'
import type { Hl7Sources } from '../sources/hl7-sources.ts'
import type { Ihp } from '../sources/ihp.ts'
import type { Stays } from '../stays/stays.ts'
import type { Wards } from '../wards/wards.ts'
import type { Metrics } from './health-routes.ts'

/** Everything the HTTP side calls. It never sees a store. */
export interface Services {
  readonly gate: Gate
  readonly signIn: SignInService
  readonly users: Users
  readonly own: OwnSecrets
  readonly tokens: Tokens
  readonly glass: Glass
  readonly places: Places
  readonly audit: Audit
  readonly auditExports: AuditExports
  readonly chain: ChainWatch
  readonly wardReads: WardReads
  readonly visits: Visits
  readonly looks: Looks
  readonly registry: Registry
  readonly wards: Wards
  readonly patients: Patients
  readonly stays: Stays
  readonly proposals: Proposals
  readonly devices: Devices
  readonly enrolment: EnrolmentService
  readonly ledger: LedgerService
  readonly completeness: CompletenessService
  readonly commands: Commands
  readonly demo: DemoService
  readonly demoRemoval: DemoRemoval
  readonly configuration: Configuration
  readonly rollouts: Rollouts
  readonly firmware: Firmware
  readonly pathHealth: () => Promise<PathHealth>
  readonly history: HistoryService
  readonly waveforms: WaveformService
  readonly csv: CsvService
  readonly exports: Exports
  readonly healthImports: HealthImports
  readonly healthReadings: HealthReadings
  readonly fhir: FhirServer
  readonly annotations: AnnotationService
  readonly savedQueries: SavedQueries
  readonly broadcast: Broadcast
  readonly armed: ArmedScreens
  readonly alarms: AlarmDesk
  readonly limits: LimitsService
  readonly limitProfiles: LimitProfiles
  readonly lateList: LateList
  readonly simulation: Simulation
  readonly alarmLoad: ReturnType<typeof createAlarmLoad>
  readonly targets: Targets
  readonly hl7Sources: Hl7Sources
  readonly hl7Codes: Hl7CodeBook
  /** The interface of the HL7 receiver for IHP; closed without. */
  readonly ihp: Ihp | undefined
  readonly ready: () => readonly HealthFact[]
  readonly metrics: Metrics
}
