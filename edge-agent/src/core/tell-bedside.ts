import type { Link } from '../link/link.ts'
import type { Bedside } from '../panel/bedside.ts'
import type { Spool } from '../spool/protocol.ts'
import type { Configuration } from '../commands/configuration.ts'
import type { AgentTime } from './agent-time.ts'
import type { Second } from './patient-events.ts'
import type { SensorStation } from './sensor-station.ts'

export interface BedsideSources {
  readonly bedside: Bedside | undefined
  readonly link: Link
  readonly spool: Spool
  readonly station: SensorStation
  readonly configuration: Configuration
  readonly time: Pick<AgentTime, 'isProven'>
}

/** What the bedside shows and watches in this second. */
export function tellBedside({ bedside, link, spool, station, configuration, time }: BedsideSources, second: Second): void {
  const { connected, why } = link.status()
  const { unsent, dropped } = spool.status()
  bedside?.second({
    second,
    connected,
    why,
    unsent,
    dropped,
    sensors: station.places().length,
    faults: station.faults().map(({ model }) => model),
    timeProven: time.isProven(),
    config: configuration.reported().set,
  })
}
