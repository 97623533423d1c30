import type { CommandRecord, CommandState } from '@vigil/contract/api/devices'

/** The list with one more word about one command; what came late never undoes what is newer. */
export function withCommand(list: readonly CommandRecord[], command: CommandRecord): CommandRecord[] {
  const known = list.find((c) => c.id === command.id)
  if (known && isNewer(known, command)) return [...list]
  const others = list.filter((c) => c.id !== command.id)
  return [command, ...others].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
}

const steps: readonly CommandState[] = ['queued', 'sent', 'accepted', 'running']
const step = ({ state }: CommandRecord): number => (steps.includes(state) ? steps.indexOf(state) : steps.length)

/** Two words of the same millisecond are told apart by how far they are. */
function isNewer(known: CommandRecord, other: CommandRecord): boolean {
  const later = Date.parse(known.updatedAt) - Date.parse(other.updatedAt)
  return later > 0 || (later === 0 && step(known) > step(other))
}
