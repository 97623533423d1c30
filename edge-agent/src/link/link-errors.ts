const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nobody answers at the address of the broker; check the address and that the server runs',
  ENOTFOUND: 'The name of the broker is not known; check the address and the name server',
  EAI_AGAIN: 'The name server does not answer; check the network',
  EHOSTUNREACH: 'There is no way to the broker; check the network',
  ENETUNREACH: 'There is no network',
  ECONNRESET: 'The broker ended the connection',
  ETIMEDOUT: 'The broker does not answer',
  CERT_HAS_EXPIRED: 'The certificate of the broker has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the broker is not signed by the CA given to this device',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the broker is not signed by the CA given to this device',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the broker is not signed by the CA given to this device',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the broker is not signed by the CA given to this device',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the broker is for another name than the address given',
}

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
const refusals: Readonly<Record<number, string>> = {
  1: 'The broker does not speak MQTT 3.1.1',
  2: 'The broker refuses the name of this device',
  3: 'The broker takes no connections at the moment',
  4: 'The broker refuses the name or the secret of this device; check that it is registered and the secret is the newest',
  5: 'The broker does not let this device in; check that it is registered and not retired',
}

/** Why the broker did not let the device in. @param code of the CONNACK */
export const whyRefused = (code: number): string => refusals[code] ?? `The broker refuses the connection (${code})`

/** Why there is no connection, in a sentence for the person in front of the board. */
export function whyNotConnected(error: Error): string {
  const known = 'code' in error && typeof error.code === 'string' ? sentences[error.code] : undefined
  return known ?? `No connection: ${error.message}`
}
