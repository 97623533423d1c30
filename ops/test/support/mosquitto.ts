import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { findProgram } from '../../src/check/system-packages.ts'
import { until } from './until.ts'

export interface Mosquitto {
  /** Makes it read its password and access files again. */
  reload(): void
  said(): string
  stop(): Promise<void>
}

/** Runs a real Mosquitto with the generated files of a folder. */
export async function startMosquitto(folder: string): Promise<Mosquitto> {
  const program = findProgram('mosquitto', process.env['PATH'] ?? '')
  if (program === undefined) throw new Error('mosquitto is not installed. These tests need the Debian package mosquitto: apt-get install mosquitto')
  const conf = join(folder, 'mosquitto.conf')
  // Started by root it would become user mosquitto, who cannot look into a folder of the tests.
  if (process.getuid?.() === 0) appendFileSync(conf, '\nuser root\n')
  const child = spawn(program, ['-c', conf], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  const ended = new Promise((resolve) => child.once('close', resolve))
  // Whatever ends the tests, their broker ends with them.
  const lastResort = () => child.kill('SIGKILL')
  process.once('exit', lastResort)
  child.once('close', () => process.off('exit', lastResort))
  const port = Number(/^listener (\d+) 127/m.exec(readFileSync(conf, 'utf8'))?.[1])
  await until('Mosquitto answers', async () => child.exitCode !== null || answers(port), 10_000)
  if (child.exitCode !== null) throw new Error(`Mosquitto ended: ${said}`)
  return {
    reload: () => void child.kill('SIGHUP'),
    said: () => said,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

export interface Heard {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

export interface Client {
  readonly mqtt: MqttClient
  readonly heard: Heard[]
  hears(topic: string, payload?: string): Promise<Heard>
  say(topic: string, payload: string, retain?: boolean): Promise<void>
}

/** A client of MQTT.js that tries once and remembers what it hears. */
export async function connect(url: string, username: string, password: string, options: IClientOptions = {}): Promise<Client> {
  const client = await mqtt.connectAsync(url, { username, password, clientId: username, reconnectPeriod: 0, connectTimeout: 5_000, ...options }, false)
  const heard: Heard[] = []
  client.on('error', () => undefined)
  client.on('message', (topic, payload, { retain }) => heard.push({ topic, payload: payload.toString(), retain }))
  return {
    mqtt: client,
    heard,
    async hears(topic, payload) {
      const find = () => heard.find((message) => message.topic === topic && (payload === undefined || message.payload === payload))
      await until(`${username} hears ${payload ?? 'something'} on ${topic}`, () => find() !== undefined, 8_000)
      return find() as Heard
    },
    async say(topic, payload, retain = false) {
      await client.publishAsync(topic, payload, { qos: 1, retain })
    },
  }
}
