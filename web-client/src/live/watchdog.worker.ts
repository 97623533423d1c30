import { browserClock } from '../browser-clock.ts'
import { createWatchdog } from './watchdog.ts'

/** The watchdog in a thread of its own: a busy or throttled page cannot keep it from barking. */
const dog = createWatchdog(browserClock, (sight) => self.postMessage(sight, { transfer: [] }))
self.addEventListener('message', () => dog.beat())
