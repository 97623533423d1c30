import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { NamedPatient } from '../ui/patient-name.ts'

/** A sentence about a patient, who is named as far as the page it is read on names patients. */
export type SaidOf = (nameOf: (patient: NamedPatient) => string) => string

/** Something just done that can be taken back for a while. */
export interface Undoable {
  /** What was done, as a sentence. */
  readonly says: SaidOf
  /** Server time until which it can be taken back, ms since the Unix epoch. */
  readonly untilMs: number
  readonly undo: () => Promise<unknown>
}

export interface UndoBoard {
  readonly offered: ShallowRef<Undoable | undefined>
  offer(says: SaidOf, undo: () => Promise<unknown>): void
  close(): void
}

export const UNDO_FOR_MS = 30_000
const undoKey: InjectionKey<UndoBoard> = Symbol('undo')

export function createUndo(nowMs: () => number): UndoBoard {
  const offered = shallowRef<Undoable>()
  return {
    offered,
    offer(says, undo) {
      offered.value = { says, undo, untilMs: nowMs() + UNDO_FOR_MS }
    },
    close() {
      offered.value = undefined
    },
  }
}

export function provideUndo(nowMs: () => number): UndoBoard {
  const board = createUndo(nowMs)
  provide(undoKey, board)
  return board
}

/** Offers to take back what was just done; stays on the screen when the page changes. */
export function useUndo(): UndoBoard {
  return inject(undoKey, () => createUndo(() => 0), true)
}
