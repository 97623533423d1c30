import { pause, systemClock } from '@vigil/program'

/** Lets real time pass where a fault must strike at an arbitrary moment; never to wait for a result. */
export const wait = (ms: number): Promise<void> => pause(systemClock, ms)
