/**
 * Version of a resource that is put together from what is known now: the same content has the same version, so a client that
 * has it already is told so. FNV-1a, 8 hex digits; a name, not a secret.
 */
export function versionOf(body: unknown): string {
  const text = JSON.stringify(body)
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
