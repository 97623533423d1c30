/** Who was spoken to. */
export type OtherEnd = 'broker' | 'server'

const notOurCa = (who: OtherEnd): string => `The certificate of the ${who} is not signed by the CA given to this device`

const sentences: Readonly<Record<string, (who: OtherEnd) => string>> = {
  ECONNREFUSED: (who) => `Nobody answers at the address of the ${who}; check the address and that the server runs`,
  ENOTFOUND: (who) => `The name of the ${who} is not known; check the address and the name server`,
  EAI_AGAIN: () => 'The name server does not answer; check the network',
  EHOSTUNREACH: (who) => `There is no way to the ${who}; check the network`,
  ENETUNREACH: () => 'There is no network',
  ECONNRESET: (who) => `The ${who} ended the connection`,
  ETIMEDOUT: (who) => `The ${who} does not answer; check the address, the network and the firewall`,
  ERR_SSL_WRONG_VERSION_NUMBER: (who) => `Who answers at the address of the ${who} does not speak TLS; check the port, and that the server has a certificate`,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: (who) => `Who answers at the address of the ${who} does not speak TLS; check the port, and that the server has a certificate`,
  CERT_HAS_EXPIRED: (who) => `The certificate of the ${who} has expired`,
  DEPTH_ZERO_SELF_SIGNED_CERT: notOurCa,
  SELF_SIGNED_CERT_IN_CHAIN: notOurCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notOurCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notOurCa,
  ERR_TLS_CERT_ALTNAME_INVALID: (who) => `The certificate of the ${who} is for another name than the address given`,
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
export function whyNotConnected(error: Error, who: OtherEnd = 'broker'): string {
  const known = 'code' in error && typeof error.code === 'string' ? sentences[error.code] : undefined
  return known?.(who) ?? `No connection: ${error.message}`
}
