import { type CommandRecord, type DeviceConfig, LIVE_HEARTBEAT_MS, packLiveWave, type Problem, type Stop } from '@vigil/contract'
import type { BroadcastOptions, Wanted } from './broadcast-options.ts'
import { bothWays, createFrames, type Frame, type Frames, type Telling } from './frames.ts'
import { type Dirty, mergeDirty, type Viewer } from './viewer.ts'

/** How long changes are gathered from the first one on: one frame for each screen, well under what an eye tells apart. */
export const TICK_MS = 30
const SWEEP_MS = 1_000

/** Tells every screen what changed: gathered per tick, turned into text once per ward however many look at it. */
export class Broadcast {
  readonly #options: BroadcastOptions
  readonly #frames: Frames
  readonly #viewers = new Set<Viewer>()
  readonly #stops: readonly Stop[]
  #ticking: Stop | undefined
  #dirty = new Map<string, Dirty>()
  #changed: { readonly wards: Set<string>; readonly beds: Set<string> } = { wards: new Set(), beds: new Set() }

  constructor(options: BroadcastOptions) {
    this.#options = options
    this.#frames = createFrames(options)
    const { clock, hub, registry, alarms } = options
    this.#stops = [
      clock.every(SWEEP_MS, () => hub.sweep()),
      clock.every(LIVE_HEARTBEAT_MS, () => this.#heartbeat()),
      registry.onChange(({ wards, beds }) => {
        for (const ward of wards) this.#changed.wards.add(ward)
        for (const bed of beds) this.#changed.beds.add(bed)
        this.#soon()
      }),
      // Alarms never wait for the tick.
      alarms.listen({
        alarm: (alarm) => this.#tellWard(alarm.wardId, `alarm ${alarm.id}`, { type: 'alarm', alarm }, alarm.site),
        audio: (stayId, audio) => this.#tellStay({ type: 'audio', stayId, audio }),
        monitoring: (stayId, monitoring) => this.#tellStay({ type: 'monitoring', stayId, monitoring }),
        news2: (stayId, news2) => this.#tellStay({ type: 'news2', stayId, news2 }),
        watch: (watch) => this.#tellWard(undefined, 'alarm_watch', { type: 'alarm_watch', watch }),
        all: () => {
          for (const ward of registry.now().world.wards) this.#changed.wards.add(ward.id)
          this.#soon()
        },
      }),
      hub.listen({
        values: (device, signals) => this.#touched(device, { signals, facts: false }),
        presence: (device) => this.#touched(device, { signals: [], facts: true }),
        // What a device says it is, demo or real above all, has to be on its tile at once.
        birth: (device) => {
          const bed = registry.now().stayOfDevice.get(device)?.bedId
          if (bed) this.#changed.beds.add(bed)
          this.#soon()
        },
        wave: (device, channel, frame) => this.#wave(device, channel, frame),
      }),
    ]
  }

  get viewers(): number {
    return this.#viewers.size
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer)
    viewer.send(this.#frames.text({ type: 'hello', durable: this.#options.health.state() }))
    this.#tellGlass(viewer)
  }

  remove(viewer: Viewer): void {
    this.#viewers.delete(viewer)
  }

  /** A new question: whole wards and the newest of each device first, changes from then on. */
  watch(viewer: Viewer, wanted: Wanted): void {
    viewer.watch(wanted)
    for (const id of viewer.wards) this.#sendWard(viewer, id)
    const deltas = [...viewer.devices].map((device) => this.#frames.delta(device))
    if (deltas.length > 0) viewer.send(this.#frames.values(deltas))
  }

  command(command: CommandRecord): void {
    this.#tellAbout(command.deviceId, `command ${command.id}`, { type: 'command', command })
  }

  config(device: string, config: DeviceConfig): void {
    this.#tellAbout(device, `config ${device}`, { type: 'config', device, config })
  }

  pong(viewer: Viewer, pong: number): void {
    viewer.send(this.#frames.text({ type: 'heartbeat', durable: this.#options.health.state(), pong }))
  }

  armed(viewer: Viewer, wards: readonly string[]): void {
    viewer.send(this.#frames.text({ type: 'armed', armed: wards.length > 0, wards: [...wards] }))
  }

  refuse(viewer: Viewer, problem: Problem): void {
    viewer.send(this.#frames.text({ type: 'refused', problem }))
  }

  closeCaller(caller: string): void {
    for (const viewer of this.#viewers) if (viewer.caller === caller) viewer.close(1008, 'signed out')
  }

  /** The review list of admissions changed: who shows it asks for it again. Nothing of it is told here. */
  proposals(): void {
    const text = this.#frames.text({ type: 'proposals' })
    for (const viewer of this.#viewers) viewer.send(text)
  }

  /** Somebody opened a ward in an emergency, or it ended: their pages open anew with what they may see, and who is in charge is told. */
  glassChanged(callers: ReadonlySet<string>): void {
    for (const viewer of this.#viewers) {
      if (callers.has(viewer.caller)) viewer.close(1012, 'rights changed')
      else this.#tellGlass(viewer)
    }
  }

  /** A person locked their screens or is back: what they watch is told anew, without names or with them. */
  veil(caller: string, isVeiled: boolean): void {
    for (const viewer of this.#viewers) {
      if (viewer.caller !== caller || viewer.isVeiled === isVeiled) continue
      viewer.veil(isVeiled)
      for (const id of viewer.wards) this.#sendWard(viewer, id)
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#ticking?.()
    for (const viewer of this.#viewers) viewer.close(1001, 'central station stops')
    this.#viewers.clear()
  }

  #touched(device: string, what: Parameters<typeof mergeDirty>[2]): void {
    mergeDirty(this.#dirty, device, what)
    this.#soon()
  }

  /** The first change starts the clock; nothing ticks where nothing happens. */
  #soon(): void {
    this.#ticking ??= this.#options.clock.after(TICK_MS, () => this.#tick())
  }

  #tellGlass(viewer: Viewer): void {
    if (viewer.sight.inCharge && !viewer.isVeiled) viewer.send(this.#frames.text({ type: 'glass', grants: this.#options.opened(viewer.sight) }))
  }

  #tick(): void {
    this.#ticking = undefined
    const [dirty, changed] = [this.#dirty, this.#changed]
    this.#dirty = new Map()
    this.#changed = { wards: new Set(), beds: new Set() }
    const now = this.#options.clock.monotonic()
    this.#sendWorld(changed, now)
    const deltas = this.#deltasByWard(dirty)
    // Screens that watch the same share one text.
    const texts = new Map<string, string>()
    for (const viewer of this.#viewers) {
      if (viewer.isBehind(now)) this.#fallBehind(viewer, dirty, now)
      else if (viewer.missedSomething()) this.#catchUp(viewer, dirty)
      else this.#sendChanges(viewer, dirty, deltas, texts)
      if (viewer.isBehind(now) || viewer.missedSomething()) this.#soon()
    }
  }

  /** Ward by ward what changed, each device as text made once. */
  #deltasByWard(dirty: ReadonlyMap<string, Dirty>): Map<string, string[]> {
    const deltas = new Map<string, string[]>()
    for (const [device, changed] of dirty) {
      const ward = this.#wardOf(device)
      if (!this.#isWatched(ward)) continue
      deltas.set(ward, [...(deltas.get(ward) ?? []), this.#frames.delta(device, changed)])
    }
    return deltas
  }

  #sendChanges(viewer: Viewer, dirty: ReadonlyMap<string, Dirty>, byWard: ReadonlyMap<string, readonly string[]>, texts: Map<string, string>): void {
    const own: string[] = []
    for (const device of viewer.devices) {
      const changed = dirty.get(device)
      if (changed && !viewer.wards.has(this.#wardOf(device)) && this.#watches(viewer, device)) own.push(this.#frames.delta(device, changed))
    }
    const wards = [...viewer.wards].filter((ward) => byWard.has(ward))
    const gather = () => this.#frames.values([...wards.flatMap((ward) => byWard.get(ward) ?? []), ...own])
    if (own.length > 0) return viewer.send(gather())
    if (wards.length === 0) return
    const key = wards.join(' ')
    const text = texts.get(key) ?? gather()
    texts.set(key, text)
    viewer.send(text)
  }

  #fallBehind(viewer: Viewer, dirty: ReadonlyMap<string, Dirty>, now: number): void {
    if (viewer.hasBeenBehindTooLong(now)) {
      this.#options.countDrop('viewer_cut')
      this.#viewers.delete(viewer)
      return viewer.cut()
    }
    for (const [device, changed] of dirty) {
      if (!this.#watches(viewer, device)) continue
      this.#options.countDrop('viewer_slow')
      mergeDirty(viewer.missedValues, device, changed)
    }
  }

  #catchUp(viewer: Viewer, dirty: ReadonlyMap<string, Dirty>): void {
    for (const [device, changed] of dirty) if (this.#watches(viewer, device)) mergeDirty(viewer.missedValues, device, changed)
    const deltas = [...viewer.missedValues].map(([device, missed]) => this.#frames.delta(device, missed))
    for (const ward of viewer.missedWards) this.#sendWard(viewer, ward)
    for (const bed of viewer.missedBeds) this.#sendBed(viewer, bed)
    if (deltas.length > 0) viewer.send(this.#frames.values(deltas))
    for (const text of viewer.takeKeptFrames()) viewer.send(text)
    viewer.forgetMissed()
  }

  /** Wards and beds that changed, each as text made once; a screen that is behind remembers which. */
  #sendWorld({ wards, beds }: { readonly wards: ReadonlySet<string>; readonly beds: ReadonlySet<string> }, now: number): void {
    const wardOfBed = (bed: string) => this.#options.registry.now().wardOfBed.get(bed)?.id ?? ''
    for (const ward of wards) this.#sendToWard(ward, now, (id, how) => this.#frames.ward(id, how), ward, (viewer) => viewer.missedWards.add(ward))
    for (const bed of beds) this.#sendToWard(wardOfBed(bed), now, (id, how) => this.#frames.bed(id, how), bed, (viewer) => viewer.missedBeds.add(bed))
  }

  #sendToWard(ward: string, now: number, make: (id: string, how: Telling) => string | undefined, id: string, miss: (viewer: Viewer) => void): void {
    const text = bothWays((how) => make(id, how))
    for (const viewer of this.#viewers) {
      if (!viewer.wards.has(ward)) continue
      if (viewer.isBehind(now)) miss(viewer)
      else viewer.sendKnown(text(viewer))
    }
  }

  #tellAbout(device: string, about: string, frame: Frame): void {
    const text = this.#frames.text(frame)
    const now = this.#options.clock.monotonic()
    for (const viewer of this.#viewers) {
      if (!viewer.mayDevices || !this.#watches(viewer, device)) continue
      if (!viewer.isBehind(now)) viewer.send(text)
      else if (!viewer.keepFrame(about, text)) this.#options.countDrop('viewer_slow')
    }
  }

  #tellStay(frame: Extract<Frame, { readonly stayId: string }>): void {
    const wardId = this.#options.registry.now().stays.get(frame.stayId)?.wardId ?? undefined
    this.#tellWard(wardId, `${frame.type} ${frame.stayId}`, wardId === undefined ? frame : { ...frame, wardId })
  }

  /** To every screen that watches the ward; without a ward, to every screen that watches one of the site. */
  #tellWard(ward: string | undefined, about: string, frame: Frame, site?: string): void {
    const text = bothWays((how) => this.#frames.text(frame, how))
    const now = this.#options.clock.monotonic()
    const { wards } = this.#options.registry.now()
    for (const viewer of this.#viewers) {
      const concerned = ward === undefined ? [...viewer.wards].some((id) => site === undefined || wards.get(id)?.site === site) : viewer.wards.has(ward)
      if (!concerned) continue
      if (!viewer.isBehind(now)) viewer.send(text(viewer))
      else if (!viewer.keepFrame(about, text(viewer))) this.#options.countDrop('viewer_slow')
    }
  }

  #wave(device: string, channel: string, frame: Uint8Array): void {
    let packed: Uint8Array | undefined
    for (const viewer of this.#viewers) {
      if (!viewer.waves.has(device) || !viewer.sees(this.#wardOf(device))) continue
      packed ??= packLiveWave(device, channel, frame)
      if (!viewer.sendWave(packed)) this.#options.countDrop('viewer_slow')
    }
  }

  #heartbeat(): void {
    const text = this.#frames.text({ type: 'heartbeat', durable: this.#options.health.state() })
    const now = this.#options.clock.monotonic()
    for (const viewer of this.#viewers) {
      if (!this.#options.isOpen(viewer.caller)) viewer.close(1008, 'session over')
      else if (!viewer.isBehind(now)) viewer.send(text)
      else this.#soon()
    }
  }

  #sendWard(viewer: Viewer, id: string): void {
    viewer.sendKnown(this.#frames.ward(id, { veiled: viewer.isVeiled }))
  }

  #sendBed(viewer: Viewer, bedId: string): void {
    viewer.sendKnown(this.#frames.bed(bedId, { veiled: viewer.isVeiled }))
  }

  /** Ward the device's patient lies in; '' for none, which nobody watches. */
  #wardOf(device: string): string {
    return this.#options.registry.now().stayOfDevice.get(device)?.wardId ?? ''
  }

  #isWatched(ward: string): boolean {
    return [...this.#viewers].some((viewer) => viewer.wards.has(ward))
  }

  #watches(viewer: Viewer, device: string): boolean {
    const ward = this.#wardOf(device)
    return viewer.wards.has(ward) || (viewer.devices.has(device) && viewer.sees(ward))
  }
}
