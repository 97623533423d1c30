import { createServer } from 'node:net'
import { Aedes } from 'aedes'

/** Aedes as it comes, on the port that is asked for: no sign-in, no rights, no bounds. */
const aedes = await Aedes.createBroker()
const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket))
server.listen(Number(process.argv[2]), '127.0.0.1', 4_096, () => process.stdout.write('{"ready":true}\n'))
process.on('SIGTERM', () => process.exit(0))
