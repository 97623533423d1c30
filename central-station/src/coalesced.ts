/**
 * Runs of `load` one after the other, never two at once. A call made during a run is answered by one more run begun after
 * it, shared by all who asked meanwhile: whoever awaits knows that what they did before is in.
 */
export function coalesced(load: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    running = load().finally(() => {
      running = undefined
    })
    return running
  }
  return () => {
    if (!running) return begin()
    next ??= running.then(after, after)
    return next
  }
  function after(): Promise<void> {
    next = undefined
    return begin()
  }
}
