/** Where to go after sign-in: a path of this app only, so that a crafted link cannot send a person elsewhere. */
export function safeReturn(from: unknown): string | undefined {
  if (typeof from !== 'string' || !from.startsWith('/') || from.startsWith('//') || from.includes('\\')) return undefined
  return from === '/' || from.startsWith('/sign-in') ? undefined : from
}
