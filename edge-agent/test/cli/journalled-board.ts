// An agent as `vigil-agent run` opens it, on sensors that another program serves on a socket. Words: socket, folder, URL of the broker.
import { once } from 'node:events'
import { connect } from 'node:net'
import { systemClock } from '@vigil/program'
import { socketI2c } from '../../src/bus/socket-i2c.ts'
import { openBoardAgent } from '../../src/platform/board-agent.ts'

const [socket = '', folder = '', url = ''] = process.argv.slice(2)
const wire = connect(socket)
await once(wire, 'connect')
const agent = openBoardAgent({
  address: { site: 'main', device: 'board-1' },
  url,
  secret: 'right',
  folder,
  bus: socketI2c(wire),
  sensors: [{ model: 'tmp117', address: 0x48 }, { model: 'bmp280', address: 0x77 }],
  indicator: { kind: 'LED', set: () => {} },
  identity: { mode: 'test', firmware: '0', hardware: 'bench' },
  clock: systemClock,
  random: Math.random,
  log: () => {},
})
await agent.start()
process.once('SIGTERM', () => void agent.stop().then(() => process.exit(0)))
process.stdout.write('{"ready":true}\n')
