import { connect } from 'node:net'
import rhea, { type ConnectionOptions } from 'rhea'

/** The least that can be done with an AMQP message: taken with a credit of 1,000, accepted, forgotten. */
const CREDIT = 1_000
const port = Number(process.argv[2])
const container = rhea.create_container({ id: 'bench-direct' })
// The library's types know the option only together with TLS.
const options = {
  reconnect: false,
  connection_details: () => ({ host: '127.0.0.1', port, connect: (_port: number, _host: string, _options: unknown, onConnect: () => void) => connect({ port, host: '127.0.0.1', noDelay: true }, onConnect) }),
} as unknown as ConnectionOptions
const connection = container.connect(options)
const receiver = connection.open_receiver({ source: { address: 'vitals' }, credit_window: 0, autoaccept: false })
let left = CREDIT
receiver.on('receiver_open', () => {
  receiver.add_credit(CREDIT)
  process.stdout.write('{"ready":true}\n')
})
receiver.on('message', ({ delivery }) => {
  delivery?.accept()
  if (--left > 0) return
  left = CREDIT
  receiver.add_credit(CREDIT)
})
process.on('SIGTERM', () => process.exit(0))
