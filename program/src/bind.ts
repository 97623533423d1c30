import type { Server } from 'node:net'
import { AppError } from '@vigil/contract/errors'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

export function isLoopback(bind: string): boolean {
  return LOOPBACK.test(bind)
}

/** Beyond loopback nothing listens without TLS and sign-in: the start is refused instead. */
export function assertSafeBind(options: { bind: string; tls: boolean; signIn: boolean; what: string }): void {
  if (isLoopback(options.bind) || (options.tls && options.signIn)) return
  throw new AppError(
    'UNSAFE_BIND',
    `${options.what} would listen on ${options.bind} without ${options.tls ? 'sign-in' : 'TLS'}. Set VIGIL_TLS_CERT and VIGIL_TLS_KEY, or leave VIGIL_BIND at 127.0.0.1.`,
  )
}

/** Listens, and turns a taken port into one clear sentence that names the port and the setting. */
export function listen(server: Server, port: number, bind: string, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, bind, setting)))
    server.listen({ port, host: bind }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

export function listenError(error: NodeJS.ErrnoException, port: number, bind: string, setting: string): AppError {
  if (error.code === 'EADDRINUSE') {
    return new AppError('PORT_TAKEN', `Port ${port} is in use by another program. Stop it, or choose another port with ${setting}.`, { cause: error, details: { port, setting } })
  }
  return new AppError('START_FAILED', `Cannot listen on ${bind}:${port} (${setting}): ${error.message}`, { cause: error, details: { port, setting } })
}
