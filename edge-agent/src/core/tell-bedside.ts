import type { Link } from '../link/link.ts'
import type { Bedside } from '../panel/bedside.ts'
import type { Spool } from '../spool/protocol.ts'
import type { Configuration } from '../commands/configuration.ts'
import type { Second } from './patient-events.ts'
import type { SensorStation } from './sensor-station.ts'

export interface BedsideSources {
  readonly bedside: Bedside | undefined
  readonly link: Link
  readonly spool: Spool
  readonly station: SensorStation
  readonly configuration: Configuration
}

/** What the bedside shows and watches in this second. */
export function tellBedside({ bedside, link, spool, station, configuration }: BedsideSources, second: Second): void {
  const { connected, why } = link.status()
  bedside?.second({
    second,
    connected,
    why,
    unsent: spool.status().unsent,
    sensors: station.places().length,
    faults: station.faults().map(({ model }) => model),
    config: configuration.reported().set,
  })
}
