import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@vigil/ops/testing'
import { NotHere } from '../framework/benchmark.ts'
import type { Program } from './child.ts'
import type { Stage } from './stage.ts'

/** Unbounded queues: with Mosquitto's own bounds a burst loses acknowledged messages, and a comparison would count ghosts. */
const CONF = ['allow_anonymous true', 'persistence false', 'max_inflight_messages 0', 'max_queued_messages 0', 'set_tcp_nodelay true', 'connection_messages false', 'log_type error', 'log_type warning', 'log_type information']

export async function startMosquitto(stage: Stage): Promise<{ program: Program; port: number }> {
  const port = await freePort()
  const conf = join(stage.folder, `mosquitto-${port}.conf`)
  writeFileSync(conf, [`listener ${port} 127.0.0.1`, ...CONF, ''].join('\n'))
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`
  try {
    const program = await stage.program({ name: 'mosquitto', command: ['mosquitto', '-c', conf], env: { PATH: path }, ready: (said) => (said.includes(' running') ? {} : undefined) })
    return { program, port }
  } catch (error) {
    throw new NotHere('the Debian package mosquitto', { cause: error })
  }
}
