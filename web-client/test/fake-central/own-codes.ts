import type { CodeMapping, Hl7Codes } from '@vigil/contract/api/hl7-codes'
import type { FakeCentral } from './fake-central.ts'
import { Refusal, type Route } from './refusal.ts'

const codesOf = (c: FakeCentral, device: string | undefined): Hl7Codes => {
  const found = c.codes.get(device ?? '')
  if (!found) throw new Refusal('NOT_FOUND', 'That is no HL7 source.')
  return found
}

function map(c: FakeCentral, device: string | undefined, { code, system, signal, unit = '' }: CodeMapping, by: string): Hl7Codes {
  const before = codesOf(c, device)
  const mapped = before.mapped.filter((one) => one.code !== code)
  const after: Hl7Codes = signal === null ? { ...before, mapped } : { unknown: before.unknown.filter((one) => one.code !== code), mapped: [...mapped, { code, system, signal, unit, madeBy: by, since: new Date(c.clock.now()).toISOString(), recovered: 7, rereading: true }] }
  c.codes.set(device ?? '', after)
  return after
}

export const codeRoutes: readonly Route[] = [
  ['GET', '/hl7-sources/*/codes', 'integration:write', (c, { params }) => codesOf(c, params[0])],
  ['PUT', '/hl7-sources/*/codes', 'integration:write', (c, { params, body, user }) => map(c, params[0], body as CodeMapping, user)],
]
