import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { acknowledge, createFramer, type MessageFate, toFrame } from '@vigil/contract/hl7/index'

export interface HttpReceiver {
  readonly url: string
  readonly heard: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[]
  /** Answers with these first, one each; then 200. */
  readonly answers: number[]
  close(): Promise<void>
}

/** Somebody's server that is told of events. */
export async function startHttpReceiver(): Promise<HttpReceiver> {
  const heard: HttpReceiver['heard'] = []
  const answers: number[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const status = answers.shift() ?? 200
      if (status === 200) heard.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      response.writeHead(status, status === 302 ? { location: 'http://169.254.169.254/' } : {}).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return { heard, answers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, close: () => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))) }
}

export interface Hl7Receiver {
  readonly port: number
  readonly heard: Uint8Array[]
  readonly sockets: Socket[]
  /** What becomes of the next messages, one each; then all are stored. `silent` answers nothing. */
  readonly fates: (MessageFate | 'silent')[]
  close(): Promise<void>
}

/** An HL7 receiver that answers as it is told. */
export async function startHl7Receiver(port = 0): Promise<Hl7Receiver> {
  const heard: Uint8Array[] = []
  const fates: Hl7Receiver['fates'] = []
  const sockets: Socket[] = []
  const server = createTcp((socket) => {
    sockets.push(socket)
    const framer = createFramer({ onFault: () => undefined })
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      for (const frame of framer.push(chunk).frames) {
        const fate = fates.shift() ?? { kind: 'stored' }
        if (fate !== 'silent' && fate.kind === 'stored') heard.push(frame)
        const answer = fate === 'silent' ? undefined : acknowledge({ inbound: frame, fate, ownId: `A${heard.length}`, nowMs: 0 })
        if (answer) socket.write(toFrame(answer))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return {
    heard, fates, sockets,
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    }),
  }
}

const PYTHON = `
import asyncio, json
from hl7.mllp import start_hl7_server
async def serve(reader, writer):
    while not writer.is_closing():
        m = await reader.readmessage()
        obx = [[str(s(3)), str(s(5))] for s in m.segments('OBX')]
        print(json.dumps({'raw': str(m), 'type': str(m.segment('MSH')(9)), 'patient': str(m.segment('PID')(3)), 'obx': obx}), flush=True)
        writer.writemessage(m.create_ack())
        await writer.drain()
async def main():
    async with await start_hl7_server(serve, host='127.0.0.1', port=0, encoding='utf-8') as server:
        print(json.dumps({'port': server.sockets[0].getsockname()[1]}), flush=True)
        await server.serve_forever()
asyncio.run(main())`

export interface PythonReceiver {
  readonly port: number
  /** Messages as python-hl7 read them. */
  readonly heard: { readonly raw: string; readonly type: string; readonly patient: string; readonly obx: readonly (readonly [string, string])[] }[]
  close(): Promise<void>
}

/** The receiver of python-hl7, a program of others. */
export async function startPythonReceiver(): Promise<PythonReceiver> {
  const child: ChildProcess = spawn('/usr/bin/python3', ['-c', PYTHON], { stdio: ['ignore', 'pipe', 'inherit'] })
  const heard: PythonReceiver['heard'] = []
  let text = ''
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new RangeError(`python3 ended with ${code}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const said = JSON.parse(line) as { port?: number } & PythonReceiver['heard'][number]
        if (said.port === undefined) heard.push(said)
        else resolve(said.port)
      }
    })
  })
  return { port, heard, close: () => new Promise((resolve) => void (child.once('exit', () => resolve()), child.kill('SIGKILL'))) }
}
