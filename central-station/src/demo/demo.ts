import { AppError, type Clock, type CommandRecord, type Demo, DEMO_COMMAND, type DemoBoard, type DemoRun, demoScenarios, demoSeconds, type DemoScenario, type DemoStart } from '@vigil/contract'
import type { Commands } from '../commands/commands.ts'
import { field, iso } from '../iso.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { DeviceFact } from '../registry/world.ts'

export interface DemoOptions {
  readonly registry: Registry
  readonly hub: Pick<LiveHub, 'birth' | 'status'>
  readonly commands: Pick<Commands, 'ask' | 'one'>
  readonly clock: Clock
}

/** What a person makes happen in the demo ward. Only simulated boards are ever asked. */
export interface DemoService {
  read(): Promise<Demo>
  /** Without a device named, at a board of a ward that `sees` allows. @throws AppError NOT_FOUND, COMMAND_NOT_OFFERED, COMMAND_ARGUMENTS, DATABASE_AWAY */
  start(asked: DemoStart, by: { accountId: string | null; username: string }, sees: (wardId: string | undefined) => boolean): Promise<DemoRun>
}

/** A run stays on the list so long after its end, for who looks away. */
const KEEP_MS = 30_000

interface Asked extends Omit<DemoRun, 'state' | 'why'> {
  readonly untilMs: number
}

export function createDemo({ registry, hub, commands, clock }: DemoOptions): DemoService {
  /** In memory alone: a scenario is over within ten minutes, and each one is a stored command as well. */
  let asked: readonly Asked[] = []

  /** Both say so: the registry and the board itself. */
  const isDemo = (device: DeviceFact): boolean => device.retiredAtMs === null && device.mode === 'demo' && hub.birth(device.id)?.mode === 'demo'
  const offered = (device: DeviceFact): DemoScenario[] => {
    const offer = hub.birth(device.id)?.caps?.commands?.find(({ name }) => name === DEMO_COMMAND)
    const names = (offer?.args as { properties?: { scenario?: { enum?: readonly string[] } } } | undefined)?.properties?.scenario?.enum ?? []
    return demoScenarios.filter((name) => names.includes(name))
  }
  const boards = (): DemoBoard[] =>
    registry.now().world.devices.filter(isDemo).flatMap((device) => {
      const scenarios = hub.status(device.id) === 'online' ? offered(device) : []
      const stay = registry.now().stayOfDevice.get(device.id)
      const bed = stay?.bedId === undefined || stay.bedId === null ? undefined : registry.now().wardOfBed.get(stay.bedId)?.beds.find(({ id }) => id === stay.bedId)
      return [{ deviceId: device.id, bed: bed?.label ?? '', scenarios, ...field('wardId', stay?.wardId ?? null), ...field('stayId', stay?.id ?? null) }]
    })
  const runOf = async ({ id, scenario, deviceId, by, from, until }: Asked): Promise<DemoRun> => {
    const command: CommandRecord | undefined = await commands.one(deviceId, id).catch(() => undefined)
    return { id, scenario, deviceId, by, from, until, state: command?.state ?? 'unknown', ...field('why', command?.why ?? null) }
  }
  const playing = (deviceId: string): boolean => asked.some((run) => run.deviceId === deviceId && run.untilMs > clock.now())

  function boardFor({ scenario, deviceId }: DemoStart, sees: (wardId: string | undefined) => boolean): string {
    if (deviceId !== undefined) {
      const device = registry.now().devices.get(deviceId)
      if (!device || device.retiredAtMs !== null) throw new AppError('NOT_FOUND', `There is no device ${deviceId}.`)
      if (!isDemo(device)) throw new AppError('COMMAND_NOT_OFFERED', `Device ${deviceId} is not a demo board: nothing is played at a device of another kind.`)
      return deviceId
    }
    // A board with a patient in a bed, so that somebody sees it; one that plays nothing yet, if there is one.
    const able = boards().filter((board) => board.scenarios.includes(scenario) && board.bed !== '' && sees(board.wardId))
    const chosen = able.find((board) => !playing(board.deviceId)) ?? able[0]
    if (!chosen) throw new AppError('COMMAND_NOT_OFFERED', `No demo board that is online can play ${scenario}. Start the demo ward, or wait until its boards are back.`)
    return chosen.deviceId
  }

  return {
    async read() {
      const now = clock.now()
      asked = asked.filter((run) => run.untilMs + KEEP_MS > now)
      return { boards: boards(), runs: await Promise.all(asked.map(runOf)) }
    },
    async start(start, by, sees) {
      const deviceId = boardFor(start, sees)
      const seconds = start.seconds ?? demoSeconds[start.scenario]
      const { id } = await commands.ask(deviceId, { do: DEMO_COMMAND, args: { scenario: start.scenario, seconds: Math.max(5, seconds) }, expiresInMs: 10_000, reason: 'Demo scenario' }, by)
      const now = clock.now()
      const run: Asked = { id, scenario: start.scenario, deviceId, by: by.username, from: iso(now), until: iso(now + seconds * 1_000), untilMs: now + seconds * 1_000 }
      asked = [run, ...asked.filter((other) => other.deviceId !== deviceId)]
      return runOf(run)
    },
  }
}
