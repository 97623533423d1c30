/** One small piece of state that survives a power cut, written whole. */
export interface DurableDocument<T> {
  /** `undefined` when nothing was saved yet, or when what was saved cannot be read. */
  load(): T | undefined
  /** On the disk when it returns. Throws when the disk refuses. */
  save(value: T): void
}

/** For tests, and for boards without storage. */
export function memoryDocument<T>(initial?: T): DurableDocument<T> {
  let saved = initial
  return {
    load: () => saved,
    save: (value) => {
      saved = value
    },
  }
}
