import type { EventContext } from 'rhea'

/** Every event by which the library reports a failure or an end. An `error` that nobody hears would end the process. */
export const TROUBLES =
  'error protocol_error connection_error session_error sender_error receiver_error disconnected connection_close session_close sender_close receiver_close'.split(' ')

/** What the library says of a failure or an end, as one line. */
export function reasonOf(context: unknown): string {
  if (context instanceof Error) return context.message
  const { error, receiver, sender, session, connection } = context as Partial<EventContext>
  const found = [error, receiver?.error, sender?.error, session?.error, connection?.error].find((candidate) => candidate !== undefined)
  if (found === undefined) return 'the AMQP peer ended the connection'
  const { condition, description, message } = found as { condition?: string; description?: string; message?: string }
  return [condition, description ?? message].filter(Boolean).join(': ')
}
