import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createFramer, latin1, latin1Bytes, toFrame, writeTime } from '@vigil/contract/hl7/index'
import { systemClock } from '@vigil/program'

/**
 * One monitor on one connection: `count` messages of six values each, at most `window` unanswered. Tells, as a line of JSON, how
 * long it took to the last answer and whether every one was good. Made beforehand, so that making them is not measured.
 */
const [port = '0', countText = '0', windowText = '1', run = 'r'] = process.argv.slice(2)
const [count, window] = [Number(countText), Number(windowText)]

const METRICS = [
  ['150456^MDC_PULS_OXIM_SAT_O2', '97', '262688^MDC_DIM_PERCENT'],
  ['149530^MDC_PULS_OXIM_PULS_RATE', '71', '264864^MDC_DIM_BEAT_PER_MIN'],
  ['147842^MDC_ECG_HEART_RATE', '72', '264864^MDC_DIM_BEAT_PER_MIN'],
  ['151562^MDC_RESP_RATE', '15', '264928^MDC_DIM_RESP_PER_MIN'],
  ['150344^MDC_TEMP', '36.8', '268192^MDC_DIM_DEGC'],
  ['150021^MDC_PRESS_BLD_NONINV_SYS', '121', '266016^MDC_DIM_MMHG'],
] as const

function message(i: number, atMs: number): string {
  const time = writeTime(atMs)
  const rows = METRICS.map(([code, value, unit], row) => `OBX|${row + 1}|NM|${code}^MDC|1.1.1.${row + 1}|${value}|${unit}^MDC|||||R|||${time}\r`)
  return `MSH|^~\\&|BENCH^0200000000FFFFFF^EUI-64|SIM|||${time}||ORU^R01^ORU_R01|${run}-${i}|P|2.6|||AL|NE\rPID|||SIM-1\rOBR|1|${i}|${i}|182777000^monitoring of patient^SCT|||${time}\r${rows.join('')}`
}

const since = systemClock.now() - 60_000
const frames = Array.from({ length: count }, (_, i) => Buffer.from(toFrame(latin1Bytes(message(i, since + i)))))
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
let sent = 0
let answered = 0
let bad = 0
const startedAt = performance.now()
const sendMore = (): void => {
  const upTo = Math.min(count, answered + window)
  if (sent < upTo) socket.write(Buffer.concat(frames.slice(sent, upTo)))
  sent = Math.max(sent, upTo)
}
const framer = createFramer({ onFault: () => bad++ })
await new Promise<void>((resolve, reject) => {
  socket.on('close', reject)
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framer.push(chunk).frames) {
      // In order, each with its own control id.
      if (!new RegExp(`MSA.(?:AA|CA).${run}-${answered}\\r`).test(latin1(frame))) bad++
      answered++
    }
    if (answered === count) resolve()
    else sendMore()
  })
  sendMore()
})
process.stdout.write(`${JSON.stringify({ ready: true, seconds: (performance.now() - startedAt) / 1_000, bad })}\n`)
process.exit(0)
