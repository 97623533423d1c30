import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** What node-hl7-client offers; its own declarations need a DOM. */
interface NodeHl7 {
  readonly default: new (options: { host: string; version: string }) => {
    createConnection(options: { port: number }, onAnswer: (answer: { getMessage(): { get(path: string): { toString(): string } } }) => void): { sendMessage(message: unknown): Promise<void>; close(): Promise<void> }
  }
  readonly Message: new (options: { text: string }) => unknown
}
interface SimpleHl7 {
  readonly Server: { createTcpClient(host: string, port: number): { send(message: unknown, done: (error: Error | null, ack: { log(): string }) => void): void; close(): void } }
  readonly Parser: new (options: { segmentSeperator: string }) => { parse(text: string): unknown }
}

/** Sends a message with node-hl7-client and answers MSA-1 and MSA-2 as that program read them. */
export async function sendWithNodeHl7(port: number, text: string, version: string): Promise<string> {
  const { default: Client, Message } = (await import('node-hl7-client')) as unknown as NodeHl7
  const { promise, resolve } = Promise.withResolvers<string>()
  const connection = new Client({ host: '127.0.0.1', version }).createConnection({ port }, (answer) => {
    const message = answer.getMessage()
    resolve(`${message.get('MSA.1').toString()} ${message.get('MSA.2').toString()}`)
  })
  await connection.sendMessage(new Message({ text }))
  const heard = await promise
  await connection.close()
  return heard
}

/** Sends a message with simple-hl7 and answers the acknowledgement as that program read it. */
export async function sendWithSimpleHl7(port: number, text: string): Promise<string> {
  const { Server, Parser } = require('simple-hl7') as SimpleHl7
  const client = Server.createTcpClient('127.0.0.1', port)
  return new Promise((resolve, reject) => client.send(new Parser({ segmentSeperator: '\r' }).parse(text), (error, ack) => (error ? reject(error) : resolve(ack.log()))))
}

const PYTHON = `
import sys
from hl7.client import MLLPClient
with MLLPClient('127.0.0.1', int(sys.argv[1])) as client:
    print(client.send_message(sys.argv[2]).decode())`

/** Sends a message with python-hl7 and answers what it printed. */
export async function sendWithPythonHl7(port: number, text: string): Promise<string> {
  const child = spawn('/usr/bin/python3', ['-c', PYTHON, String(port), text])
  let out = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (out += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  return out
}
