/** What doors to the broker say in the name of those who come through them. */
export interface Voice {
  /** Says something in a device's name. */
  publish(topic: string, payload: string, retain?: boolean): void
  /** Says something to who listens; answers how many those are. */
  deliver(topic: string, payload: string | Buffer): number
  /** Says a device's message once more. */
  sayAgain(topic: string, payload: Buffer): void
}
