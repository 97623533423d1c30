/** Topics whose listeners are remembered at most. */
const REMEMBERED = 20_000

interface Level<S, V> {
  below: Map<string, Level<S, V>> | undefined
  here: Map<S, V> | undefined
}

/** Who listens to a topic, each once, with the greatest of the values of all filters that match. */
export type Listeners<S, V> = ReadonlyMap<S, V>

/**
 * Topic filters and who listens to them (sections 4.7.1 and 4.7.2). Filters without wildcards, which nearly all are, are found at once;
 * the others are walked level by level. Answers are remembered, since the same topics come again and again.
 */
export class TopicTree<S, V extends number> {
  readonly #exact = new Map<string, Map<S, V>>()
  #wild: Level<S, V> = { below: undefined, here: undefined }
  readonly #remembered = new Map<string, Listeners<S, V>>()

  set(filter: string, listener: S, value: V): void {
    this.#forget(filter)
    if (!isWild(filter)) return void put(this.#exact, filter).set(listener, value)
    let level = this.#wild
    for (const word of filter.split('/')) {
      level.below ??= new Map()
      const next = level.below.get(word) ?? { below: undefined, here: undefined }
      level.below.set(word, next)
      level = next
    }
    level.here ??= new Map()
    level.here.set(listener, value)
  }

  delete(filter: string, listener: S): void {
    this.#forget(filter)
    if (isWild(filter)) return void prune(this.#wild, filter.split('/'), 0, listener)
    const here = this.#exact.get(filter)
    here?.delete(listener)
    if (here?.size === 0) this.#exact.delete(filter)
  }

  match(topic: string): Listeners<S, V> {
    const known = this.#remembered.get(topic)
    if (known) return known
    const found = this.#find(topic)
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear()
    this.#remembered.set(topic, found)
    return found
  }

  #find(topic: string): Listeners<S, V> {
    const found = new Map(this.#exact.get(topic))
    collect(this.#wild, topic.split('/'), 0, found)
    return found
  }

  #forget(filter: string): void {
    if (isWild(filter)) this.#remembered.clear()
    else this.#remembered.delete(filter)
  }
}

/** Whether a filter matches a topic. */
export function filterMatches(filter: string, topic: string): boolean {
  const [words, levels] = [filter.split('/'), topic.split('/')]
  if (topic.startsWith('$') && isWild(words[0] ?? '')) return false
  for (const [i, word] of words.entries()) {
    if (word === '#') return true
    if (i >= levels.length || (word !== '+' && word !== levels[i])) return false
  }
  return words.length === levels.length
}

const FILTER = /^(?:[^#+/]*|\+)(?:\/(?:[^#+/]*|\+))*(?:\/#)?$/

/** Whether wildcards stand only where they may (section 4.7.1), and there is something at all. */
export function isFilter(text: string): boolean {
  if (text === '') return false
  return !isWild(text) || text === '#' || FILTER.test(text)
}

export function isWild(filter: string): boolean {
  return filter.includes('+') || filter.includes('#')
}

function put<S, V>(map: Map<string, Map<S, V>>, key: string): Map<S, V> {
  const here = map.get(key) ?? new Map<S, V>()
  map.set(key, here)
  return here
}

function collect<S, V extends number>(level: Level<S, V>, words: readonly string[], depth: number, found: Map<S, V>): void {
  const { below } = level
  const word = words[depth]
  // `#` stands for the level above it as well [MQTT-4.7.1-2]; a topic that begins with $ is nobody's who did not name it [MQTT-4.7.2-1].
  const open = depth > 0 || !(words[0] ?? '').startsWith('$')
  if (open) add(below?.get('#')?.here, found)
  if (word === undefined) return add(level.here, found)
  const named = below?.get(word)
  if (named) collect(named, words, depth + 1, found)
  const any = open ? below?.get('+') : undefined
  if (any) collect(any, words, depth + 1, found)
}

/** The greatest QoS of all that match [MQTT-3.3.5-1]. */
function add<S, V extends number>(here: ReadonlyMap<S, V> | undefined, found: Map<S, V>): void {
  if (!here) return
  for (const [listener, value] of here) {
    const known = found.get(listener)
    if (known === undefined || known < value) found.set(listener, value)
  }
}

/** Takes a listener off a filter. True when nothing is left of the level. */
function prune<S, V>(level: Level<S, V>, words: readonly string[], depth: number, listener: S): boolean {
  const word = words[depth]
  if (word === undefined) level.here?.delete(listener)
  else {
    const next = level.below?.get(word)
    if (next && prune(next, words, depth + 1, listener)) level.below?.delete(word)
  }
  return !level.here?.size && !level.below?.size
}
