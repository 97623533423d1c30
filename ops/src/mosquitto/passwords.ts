import { hashPassword, isPasswordOf } from './password-hash.ts'
import { macOf, type RegisteredDevice } from './ward.ts'

export interface PasswordInput {
  readonly devices: readonly RegisteredDevice[]
  /** Passwords of programs and gateways, by user name. */
  readonly others: ReadonlyMap<string, string>
  readonly secrets: ReadonlyMap<string, string>
  readonly pepper: Buffer
  /** The files of the last run. */
  readonly before: { readonly passwords: string; readonly made: Readonly<Record<string, string>> }
}

export interface PasswordFile {
  readonly text: string
  /** For which registry entry each device's line was made, so that a rotated secret is noticed. */
  readonly made: Readonly<Record<string, string>>
  /** Devices that cannot sign in, because nobody told their secret. */
  readonly missing: readonly string[]
  /** Ids whose told secret is not the one in the registry, or that the registry does not know. */
  readonly wrong: readonly string[]
}

/**
 * The password file. Mosquitto wants a hash of its own, which cannot be made from the registry's, so a device's line is made when its
 * secret is told, and kept for as long as the registry still has that secret.
 */
export function renderPasswords({ devices, others, secrets, pepper, before }: PasswordInput): PasswordFile {
  const kept = readPasswordFile(before.passwords)
  const lines = new Map<string, string>()
  const made: Record<string, string> = {}
  const missing: string[] = []
  const wrong = [...secrets.keys()].filter((id) => !devices.some((device) => device.id === id))

  for (const [name, secret] of others) lines.set(name, lineFor(kept.get(name), secret))
  for (const { id, mac } of devices) {
    const secret = secrets.get(id)
    const isRight = secret !== undefined && macOf(pepper, secret) === mac
    if (secret !== undefined && !isRight) wrong.push(id)
    const line = isRight ? lineFor(kept.get(id), secret) : before.made[id] === mac ? kept.get(id) : undefined
    if (line === undefined) missing.push(id)
    else {
      lines.set(id, line)
      made[id] = mac
    }
  }
  return { text: [...lines].map(([name, hashed]) => `${name}:${hashed}\n`).join(''), made, missing, wrong }
}

/** The old line when it is right: a file that changed for nothing would make Mosquitto read it again for nothing. */
function lineFor(before: string | undefined, secret: string): string {
  return before !== undefined && isPasswordOf(before, secret) ? before : hashPassword(secret)
}

function readPasswordFile(text: string): Map<string, string> {
  return new Map(text.split('\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}
