import { readFileSync } from 'node:fs'
import type { SettingSpec, SettingsOf } from '@vigil/contract'
import { readTarget } from '../sources/mllp-dialler.ts'
import type { MllpListener } from '../sources/mllp-source.ts'

const LOOPBACK = '127.0.0.1'

/** What the HL7 listener takes. */
export const hl7Settings = {
  mllpPort: { env: 'VIGIL_MLLP_PORT', kind: 'integer', min: 0, max: 65_535, default: 2575, description: 'HL7 v2 over MLLP, for monitors; 0 for none' },
  mllpAllow: { env: 'VIGIL_MLLP_ALLOW', kind: 'string', description: 'addresses that may send HL7, separated by commas' },
  mllpClientCa: { env: 'VIGIL_MLLP_CLIENT_CA', kind: 'string', description: 'file with the CA whose certificates HL7 senders must show' },
  mllpDial: { env: 'VIGIL_MLLP_DIAL', kind: 'string', description: 'monitors that listen and are called up, host:port, separated by commas' },
  mllpAdmit: { env: 'VIGIL_MLLP_ADMIT', kind: 'boolean', default: true, description: 'register HL7 senders that are new; false refuses them' },
  mllpAdt: { env: 'VIGIL_MLLP_ADT', kind: 'string', description: 'HL7 senders (MSH-3) whose ADT comes onto the review list of admissions, separated by commas; * for all' },
} as const satisfies Record<string, SettingSpec>

type Settings = SettingsOf<typeof hl7Settings> & { readonly bind: string; readonly tlsCert: string | undefined; readonly tlsKey: string | undefined }

/**
 * Where monitors may send, or nowhere. Beyond loopback they are told apart by certificate over TLS, or come from listed
 * addresses, since many monitors know no TLS; with neither, only this machine is listened to.
 */
export function hl7Listener({ mllpPort: port, mllpAllow, mllpClientCa, mllpDial, mllpAdmit: admit, mllpAdt, bind, tlsCert, tlsKey }: Settings): MllpListener | undefined {
  const dial = listed(mllpDial).map(readTarget)
  if (port === 0 && dial.length === 0) return undefined
  const allow = listed(mllpAllow)
  const byCertificate = tlsCert !== undefined && tlsKey !== undefined && mllpClientCa !== undefined
  const tls = byCertificate ? { cert: readFileSync(tlsCert, 'utf8'), key: readFileSync(tlsKey, 'utf8'), clientCa: readFileSync(mllpClientCa, 'utf8') } : undefined
  return { port: port === 0 ? undefined : port, bind: byCertificate || allow.length > 0 ? bind : LOOPBACK, allow, admit, adt: listed(mllpAdt), tls, dial }
}

function listed(text = ''): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '')
}
