import { isAppError, type Stop } from '@vigil/contract'
import type { HealthFact } from '@vigil/program'
import { startSubscription, type Subscription, type SubscriptionOptions } from './subscription-server.ts'

export type KeptSubscription = Pick<Subscription, 'hint' | 'health' | 'stop'> & { port(): number | undefined }

const AGAIN_AFTER_MS = 10_000

/**
 * The subscription beside the durable lane, which does not stop for it: while another program has the port, consumers wait, a
 * health fact says so, and it is tried again. @throws AppError `UNSAFE_BIND` at once.
 */
export async function keepSubscription(options: SubscriptionOptions): Promise<KeptSubscription> {
  const { clock, log } = options
  let subscription: Subscription | undefined
  let problem = 'not listening yet'
  let stopped = false
  let cancel: Stop = () => {}

  const open = async (): Promise<void> => {
    try {
      const opened = await startSubscription(options)
      if (stopped) return opened.stop()
      subscription = opened
    } catch (error) {
      if (!isAppError(error) || error.code !== 'PORT_TAKEN') throw error
      if (problem !== error.message) log.error({ code: error.code }, error.message)
      problem = error.message
      cancel = clock.after(AGAIN_AFTER_MS, () => void open().catch((failure: unknown) => log.error({ err: failure }, 'bridge.subscription_failed')))
    }
  }
  await open()

  return {
    port: () => subscription?.port,
    hint: () => subscription?.hint(),
    health: (): HealthFact => subscription?.health() ?? { name: 'subscription', ok: false, detail: problem },
    async stop() {
      stopped = true
      cancel()
      await subscription?.stop()
    },
  }
}
