import type { HealthRefusal } from './value.ts'

/** A failure inside one row: the row is refused, the others are not. */
export class Refused extends Error {
  readonly why: HealthRefusal
  constructor(why: HealthRefusal) {
    super(why)
    this.why = why
  }
}

export const refuse = (why: HealthRefusal): never => {
  throw new Refused(why)
}
