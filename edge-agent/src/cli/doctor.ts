import { join } from 'node:path'
import { readSettings } from '@vigil/program/program-life'
import { systemClock } from '@vigil/program/system-clock'
import { checkBusDevice, checkFolder, checkSecret, checkSensors } from '../doctor/board-checks.ts'
import { type Finding, ok, problem } from '../doctor/finding.ts'
import { checkClock, checkName, checkReach, checkReceipt, checkSignIn, checkTls, placeOf } from '../doctor/network-checks.ts'
import { probeBroker } from '../link/probe.ts'
import { FIRST_RECORDING, openSensorBus } from '../platform/sensor-bus.ts'
import { readStatusFile } from '../platform/status-file.ts'
import { lookIntoSpool } from '../spool/look-into-spool.ts'
import { connectionSettings, type ConnectionSettings, jsonOutput, readSecret, runSettings, withDefaultRecording } from './agent-settings.ts'
import { failWith } from './fail.ts'

const EXIT_FAILED = 1
/** The server says its time every ten seconds. */
const BEACON_PATIENCE_MS = 12_000

const { device, site, url, ca, secretFile, bus, emulate, emulateSensors, replay, data } = runSettings
const doctorSettings = { device, site, url, ca, secretFile, bus, emulate, emulateSensors, replay, data, json: jsonOutput }

/** `vigil-agent doctor`: exit code 1 when there is a problem, 0 otherwise. Changes nothing. */
export async function doctorCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent doctor', 'look at everything the agent needs, and say what to do', doctorSettings, withDefaultRecording(argv, FIRST_RECORDING))
  try {
    const folder = join(values.data, 'agent')
    const findings = [...(await lookAtBoard(values, folder)), ...(await lookAtConnection(values, folder))]
    process.stdout.write(values.json ? `${JSON.stringify({ findings })}\n` : asText(findings))
    if (findings.some(({ verdict }) => verdict === 'problem')) process.exitCode = EXIT_FAILED
  } catch (error) {
    failWith('vigil-agent doctor', error)
  }
}

type Values = Parameters<typeof connectionSettings>[0] & { bus: string; emulate: string | undefined; emulateSensors: string; replay: string | undefined; secretFile: string | undefined }

async function lookAtBoard(values: Values, folder: string): Promise<Finding[]> {
  const busDevice = values.emulate === undefined && values.replay === undefined ? [checkBusDevice(values.bus)] : []
  const hasBus = busDevice.every(({ verdict }) => verdict !== 'problem')
  const sensors = hasBus ? [await checkSensors(() => openSensorBus(values))] : []
  return [checkFolder(folder), ...busDevice, ...sensors]
}

async function lookAtConnection(values: Values, folder: string): Promise<Finding[]> {
  let connection: ConnectionSettings
  try {
    connection = connectionSettings(values, folder)
  } catch (error) {
    return [problem('enrolment', error instanceof Error ? error.message : String(error), afterRefusal(values.ca, error)), checkClock({ clockOffMs: undefined }, systemClock.now())]
  }
  const { device: id, site: where, urls } = connection
  const environment = process.env['VIGIL_AGENT_SECRET']
  const secret = checkSecret(folder, id, Boolean(environment) || values.secretFile !== undefined)
  const text = secret.verdict === 'ok' ? readSecret({ environment, file: values.secretFile, folder, device: id }) : undefined
  return [
    ok('enrolment', `${id} at site ${where}, broker ${urls.join(', ')}`),
    secret,
    ...(await lookAtNetwork(connection, text)),
    checkReceipt(lookIntoSpool(join(folder, `${id}.sqlite`)), readStatusFile(folder, id)),
  ]
}

function afterRefusal(ca: string | undefined, error: unknown): string {
  if (ca !== undefined) return 'The CA of the broker is ca.crt in the folder tls of the data of the server'
  // A new code would not help somebody who may not read what the board was given.
  const kept = error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
  return kept ? 'sudo -u vigil vigil-agent doctor' : 'Make a code in the app (Devices, Enrol a board), then: vigil-agent enrol --url … --code …'
}

/** In the order a connection is made; what comes after the first problem would only repeat it. */
async function lookAtNetwork({ device: id, site: where, urls, ca: pem }: ConnectionSettings, secret: string | undefined): Promise<Finding[]> {
  const [address = ''] = urls
  const place = placeOf(address)
  const findings: Finding[] = []
  for (const check of [() => checkName(place), () => checkReach(place), () => checkTls(place, pem, systemClock.now())]) {
    const finding = await check()
    findings.push(finding)
    if (finding.verdict === 'problem') return [...findings, checkClock({ clockOffMs: undefined }, systemClock.now())]
  }
  if (secret === undefined) return [...findings, checkClock({ clockOffMs: undefined }, systemClock.now())]
  const probed = await probeBroker({ address: { site: where, device: id }, url: address, secret, ca: pem, patienceMs: BEACON_PATIENCE_MS }, systemClock)
  return [...findings, checkSignIn(probed), checkClock(probed, systemClock.now())]
}

const marks = { ok: 'ok      ', warning: 'look    ', problem: 'PROBLEM ' } as const

function asText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, verdict, found, todo }) => [`${marks[verdict]}${check.padEnd(12)} ${found}`, ...(todo === undefined ? [] : [`        ${' '.repeat(12)} → ${todo}`])])
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length
  return `${lines.join('\n')}\n\n${problems === 0 ? 'Nothing stands in the way.' : `${problems} ${problems === 1 ? 'thing has' : 'things have'} to be mended.`}\n`
}
