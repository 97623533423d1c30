import { Counter, type Registry } from 'prom-client'
import { collectedGauge } from '../collected-gauge.ts'

/** What became of a post: `stored` is told after its COMMIT; the others are reasons. */
export type PostOutcome = 'stored' | 'again' | 'empty' | 'full' | 'malformed' | 'too_many' | 'no_value' | 'time'
const OUTCOMES: readonly PostOutcome[] = ['stored', 'again', 'empty', 'full', 'malformed', 'too_many', 'no_value', 'time']

export interface AlinkMetrics {
  post(outcome: PostOutcome): void
  unknownProperties(count: number): void
  /** A topic of theirs that has no meaning here. */
  ignored(): void
  answer(outcome: 'placed' | 'unplaced' | 'unreadable'): void
}

export function createAlinkMetrics(metrics: Registry, waiting: () => number): AlinkMetrics {
  const registers = [metrics]
  const posts = new Counter({ name: 'vigil_broker_alink_posts_total', help: 'Posts of devices that speak Alink, by what became of them', labelNames: ['outcome'], registers })
  const unknown = new Counter({ name: 'vigil_broker_alink_unknown_properties_total', help: 'Properties the signal catalogue does not know', registers })
  const ignored = new Counter({ name: 'vigil_broker_alink_ignored_total', help: 'Messages on topics of the platform that have no meaning here', registers })
  const answers = new Counter({ name: 'vigil_broker_alink_answers_total', help: 'Answers to services and settings, by whether it is known what they answer', labelNames: ['outcome'], registers })
  collectedGauge(metrics, 'vigil_broker_alink_waiting_posts', 'Posts that wait for their receipt', (gauge) => gauge.set(waiting()))
  for (const outcome of OUTCOMES) posts.inc({ outcome }, 0)
  for (const outcome of ['placed', 'unplaced', 'unreadable']) answers.inc({ outcome }, 0)
  return {
    post: (outcome) => posts.inc({ outcome }),
    unknownProperties: (count) => unknown.inc(count),
    ignored: () => ignored.inc(),
    answer: (outcome) => answers.inc({ outcome }),
  }
}
