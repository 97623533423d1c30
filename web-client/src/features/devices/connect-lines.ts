import type { DeviceCreated } from '@vigil/contract/api/devices'

/** Where this ward's broker is, as seen from the screen that shows the lines. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** Single quotes keep a POSIX shell from reading anything into a value. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** One reading sent by hand: proves name, secret and way to the broker before any sensor is wired. */
export function mosquittoLine({ id, site, secret }: DeviceCreated, { host, port }: BrokerAddress): string {
  const body = '{"e":"a1","s":1,"up":0,"m":{"pr":72}}'
  return `mosquitto_pub -h ${host} -p ${port} -i ${id} -u ${id} -P ${quoted(secret)} -q 1 -t vitals/1/${site}/${id}/tele -m ${quoted(body)}`
}

/** The agent on the board, with its identity; the secret goes by the environment, where other users cannot list it. */
export function agentLine({ id, site, secret }: DeviceCreated, { host, port }: BrokerAddress): string {
  return `VIGIL_AGENT_SECRET=${quoted(secret)} npm run agent -- run --device ${id} --site ${site} --url mqtt://${host}:${port}`
}
