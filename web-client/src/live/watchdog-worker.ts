import type { Sight, Watchdog } from './watchdog.ts'

export type StartWatchdog = (onSight: (sight: Sight) => void) => Watchdog

/** The watchdog in a Worker. Where no Worker can be made the page's own tick still judges the same silence. */
export const startWorkerWatchdog: StartWatchdog = (onSight) => {
  const worker = new Worker(new URL('./watchdog.worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<Sight>) => onSight(data))
  return { beat: () => worker.postMessage('beat', { transfer: [] }), stop: () => worker.terminate() }
}
