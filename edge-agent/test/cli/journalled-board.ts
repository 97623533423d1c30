// An agent on sensors that another program serves on a socket. Words: socket, folder, URL of the broker.
import { once } from 'node:events'
import { connect } from 'node:net'
import { socketI2c } from '../../src/bus/socket-i2c.ts'
import { startTestBoard } from '../support/test-board-agent.ts'

const [socket = '', folder = '', url = ''] = process.argv.slice(2)
const wire = connect(socket)
await once(wire, 'connect')
const sensors = [{ model: 'tmp117', address: 0x48 }, { model: 'bmp280', address: 0x77 }]
const agent = await startTestBoard({ device: 'board-1', secret: 'right', url, folder, bus: socketI2c(wire), sensors })
process.once('SIGTERM', () => void agent.stop().then(() => process.exit(0)))
process.stdout.write('{"ready":true}\n')
