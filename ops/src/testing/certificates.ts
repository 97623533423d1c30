import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

const THIS_MACHINE = 'DNS:localhost,IP:127.0.0.1'

/** A certificate authority made for one test, and certificates it signs: EC P-256, two days, for this machine unless other names are given. */
export function makeAuthority(name: string, names = THIS_MACHINE): { readonly ca: string; sign(subject: string): Certificate } {
  const dir = mkdtempSync(join(tmpdir(), 'vigil-ca-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const at = (file: string) => join(dir, file)
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
    if (status !== 0) throw new RangeError(`openssl ${args[0]}: ${stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', `/CN=${name}`)
  writeFileSync(at('names'), `subjectAltName=${names}\n`)
  return {
    ca: readFileSync(at('ca.pem'), 'utf8'),
    sign(subject) {
      openssl('req', ...key, '-keyout', at('one.key'), '-out', at('one.csr'), '-subj', `/CN=${subject}`)
      openssl('x509', '-req', '-in', at('one.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('names'), '-out', at('one.pem'))
      return { cert: readFileSync(at('one.pem'), 'utf8'), key: readFileSync(at('one.key'), 'utf8') }
    },
  }
}
