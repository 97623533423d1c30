import { inject, onScopeDispose, provide, shallowReactive, type InjectionKey } from 'vue'
import type { Clock, Stop } from '@vigil/contract/clock'

/** One shortcut: `keys` is a single key ("n", "?", "Escape") or two in a row ("g w"). */
export interface Hotkey {
  readonly keys: string
  /** Catalogue key of what it does, listed under `?`. */
  readonly says: string
  readonly run: () => void
}

export interface Hotkeys {
  readonly list: readonly Hotkey[]
  add(hotkeys: readonly Hotkey[]): Stop
  /** True when the key was a shortcut and has been acted on. */
  press(event: KeyboardEvent): boolean
}

/** The second key of a pair must follow within this. */
const PAIR_WITHIN_MS = 1_500
const hotkeysKey: InjectionKey<Hotkeys> = Symbol('hotkeys')

export function createHotkeys(clock: Clock, enabled: () => boolean): Hotkeys {
  const list = shallowReactive<Hotkey[]>([])
  let first: { key: string; atMs: number } | undefined

  /** Escape always works; single letters can be turned off, and never act while someone types. */
  function listens(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false
    if (document.querySelector('[role="dialog"],[role="menu"]')) return false
    if (event.key === 'Escape') return true
    return enabled() && !isTyping(event.target)
  }

  return {
    list,
    add(hotkeys) {
      list.push(...hotkeys)
      return () => {
        for (const hotkey of hotkeys) list.splice(list.indexOf(hotkey), 1)
      }
    },
    press(event) {
      if (!listens(event)) return false
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      const waiting = first && clock.monotonic() - first.atMs <= PAIR_WITHIN_MS ? first.key : undefined
      first = undefined
      // The newest wins: a page may give a key a nearer meaning than the shell.
      const hit = list.findLast((h) => h.keys === (waiting ? `${waiting} ${key}` : key))
      if (hit) {
        event.preventDefault()
        hit.run()
        return true
      }
      if (list.some((h) => h.keys.startsWith(`${key} `))) first = { key, atMs: clock.monotonic() }
      return false
    },
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Makes the shortcuts work on this page. */
export function provideHotkeys(hotkeys: Hotkeys): void {
  provide(hotkeysKey, hotkeys)
  const onKeydown = (event: KeyboardEvent) => void hotkeys.press(event)
  document.addEventListener('keydown', onKeydown)
  onScopeDispose(() => document.removeEventListener('keydown', onKeydown))
}

/** Shortcuts of this part of the screen, for as long as it is shown. */
export function useHotkeys(hotkeys: readonly Hotkey[]): void {
  const all = inject(hotkeysKey, undefined)
  if (all) onScopeDispose(all.add(hotkeys))
}

/** The shortcuts that work now, for the overlay that lists them. */
export function useHotkeyList(): readonly Hotkey[] {
  return inject(hotkeysKey, undefined)?.list ?? []
}
