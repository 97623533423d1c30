import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

/** Aedes as it comes, with MQTT over TCP for boards and over WebSocket for pages: ports as arguments. */
const [tcpPort, webSocketPort] = process.argv.slice(2).map(Number)
const aedes = await Aedes.createBroker()
createTcpServer({ noDelay: true }, (socket) => void aedes.handle(socket)).listen(tcpPort, '127.0.0.1', 4_096)
const server = createServer({ noDelay: true })
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => void aedes.handle(createWebSocketStream(socket)))
server.listen(webSocketPort, '127.0.0.1', () => process.stdout.write('{"ready":true}\n'))
process.on('SIGTERM', () => process.exit(0))
