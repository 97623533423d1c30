import type { SpoolStore } from '../spool/spool-store.ts'

/** What a start has to say about its spool; the numbers that are gone are told as gaps under their own epoch. */
export function spoolEvents({ lostStore, inMemoryBecause }: SpoolStore): Readonly<Record<string, unknown>>[] {
  const say = (ev: string, data: Readonly<Record<string, unknown>>) => ({ ev, ph: 'once', src: 'spool', data })
  return [
    ...(lostStore ? [say('spool_lost', { ...(lostStore.epoch !== undefined && { epoch: lostStore.epoch }), ...(lostStore.objects !== undefined && { objects: lostStore.objects }) })] : []),
    ...(inMemoryBecause === undefined ? [] : [say('spool_in_memory', { why: inMemoryBecause.slice(0, 200) })]),
  ]
}
