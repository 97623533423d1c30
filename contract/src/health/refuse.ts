import { healthRefusals, type HealthRefusal } from './value.ts'

/** A failure inside one row: the row is refused, the others are not. */
export class Refused extends Error {
  readonly why: HealthRefusal
  constructor(why: HealthRefusal) {
    super(why)
    this.why = why
  }
}

// One for each reason, made once: a body may have a row of refused values for each minute of a year, and where it was thrown says nothing.
const made: ReadonlyMap<HealthRefusal, Refused> = new Map(healthRefusals.map((why) => [why, new Refused(why)]))

export const refuse = (why: HealthRefusal): never => {
  throw made.get(why) ?? new Refused(why)
}
