import type { Session } from '../session.ts'

/** A PUBACK, four bytes: MQTT 3.1.1 section 3.4. */
export function acknowledge({ client }: Session, messageId: number): void {
  if (!client.conn.destroyed) client.conn.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]))
}
