import { systemClock } from '@vigil/program'
import type { I2cBus } from '../../src/bus/i2c.ts'
import type { Agent } from '../../src/core/agent.ts'
import type { SensorPlace } from '../../src/core/sensor-station.ts'
import { openBoardAgent } from '../../src/platform/board-agent.ts'

export interface TestBoard {
  readonly device: string
  readonly secret: string
  readonly url: string
  readonly folder: string
  readonly bus: I2cBus
  readonly sensors?: readonly SensorPlace[]
}

/** An agent as `vigil-agent run` opens it, for programs that tests start beside themselves. */
export async function startTestBoard({ device, secret, url, folder, bus, sensors }: TestBoard): Promise<Agent> {
  const agent = openBoardAgent({
    address: { site: 'main', device },
    url,
    secret,
    folder,
    bus,
    sensors,
    indicator: { kind: 'LED', set: () => {} },
    identity: { mode: 'test', firmware: '0', hardware: 'bench' },
    clock: systemClock,
    random: Math.random,
    log: () => {},
  })
  await agent.start()
  return agent
}
