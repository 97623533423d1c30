import type { Stop } from '@vigil/contract'
import { createAlarmArchive } from '../alarms/log/alarm-archive-pg.ts'
import { AlarmDesk } from '../alarms/alarm-desk.ts'
import { type EnginePlace, keepEngine } from '../alarms/place/engine-host.ts'
import { createAlarmLoad } from '../alarms/alarm-load.ts'
import { createLoadStore } from '../alarms/load-store-pg.ts'
import { createMonitoringStore } from '../alarms/limits/monitoring-pg.ts'
import { createSimulation, type Simulation } from '../alarms/limits/simulation.ts'
import { createHistoryStore } from '../history/history-store-pg.ts'
import { createLateList } from '../alarms/log/late-list-pg.ts'
import type { LateList } from '../alarms/log/late-list.ts'
import { createLimitProfiles, type LimitProfiles } from '../alarms/limits/limit-profiles.ts'
import { createLimitProfileStore } from '../alarms/limits/limit-profiles-pg.ts'
import { createLimitsService, type LimitsService } from '../alarms/limits/limits-service.ts'
import { createLimitsStore } from '../alarms/limits/limits-store-pg.ts'
import { fingerprintOf } from '../alarms/place/start-engine.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import type { Foundation } from './foundation.ts'
import type { LiveParts, MqttOptions } from './live.ts'

export interface AlarmParts {
  readonly alarms: AlarmDesk
  readonly limits: LimitsService
  readonly limitProfiles: LimitProfiles
  readonly lateList: LateList
  readonly simulation: Simulation
  readonly alarmLoad: ReturnType<typeof createAlarmLoad>
  stop(): Promise<void>
}

export function createDesk({ database, dues, registry, clock, log }: Foundation): AlarmDesk {
  return new AlarmDesk({ archive: createAlarmArchive(database, registry), registry, dues, clock, fault: (err) => log.warn({ err }, 'alarm_engine.not_refreshed') })
}

/** The way to the alarm engine, and what people decide about alarms. */
export function assembleAlarms(foundation: Foundation, { hub, armed }: LiveParts, alarms: AlarmDesk, options: { place: EnginePlace; databaseUrl: string; mqtt: MqttOptions; notifyFile: string | undefined }): AlarmParts {
  const { database, registry, folder, clock, log } = foundation
  const { place, databaseUrl, mqtt, notifyFile } = options
  const host = keepEngine({ place, fingerprint: fingerprintOf({ folder, databaseUrl, mqttUrl: mqtt.mqttUrl, mqttUsername: mqtt.mqttUsername, mqttCa: mqtt.mqttCa, notifyFile }), clock, log })
  host.onEnd(alarms.connected)
  const stops: Stop[] = [
    armed.onChange((wards) => alarms.tellArmed(wards)),
    hub.listen({ sample: (device, _sample, { epoch, seq }) => { if (device === CANARY_DEVICE) alarms.canaryHeard({ epoch, seq }) } }),
  ]
  return {
    alarms,
    limits: createLimitsService({ store: createLimitsStore(database), registry, clock, changed: () => alarms.refresh() }),
    limitProfiles: createLimitProfiles({ store: createLimitProfileStore(database), registry, clock }),
    lateList: createLateList({ database, registry, clock }),
    simulation: createSimulation({ monitoring: createMonitoringStore(database), history: createHistoryStore(database), registry, clock }),
    alarmLoad: createAlarmLoad({ store: createLoadStore(database), registry, clock }),
    async stop() {
      for (const stop of stops) stop()
      await host.stop()
    },
  }
}
