import 'reflect-metadata'
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { Clock } from '@vigil/contract'
import type { TlsMaterial } from '../listen/listener.ts'

const FILE_MODE = 0o600
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
/** Boards hold the CA certificate, so it outlives them; the server certificate is renewed from it without touching a board. */
const CA_DAYS = 3_650
const SERVER_DAYS = 397
const RENEW_BEFORE_DAYS = 30
/** Clocks of boards run behind now and then. */
const BACKDATED_DAYS = 1
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

export interface DevelopmentTls extends TlsMaterial {
  /** CA certificate, PEM, and the file it is in: what clients have to trust. */
  readonly ca: string
  readonly caPath: string
  /** SHA-256 of the CA certificate, as `openssl x509 -fingerprint -sha256` shows it. */
  readonly fingerprint: string
}

interface Pair {
  readonly cert: string
  readonly key: string
}

/**
 * A certificate authority of this installation and a server certificate from it, EC P-256, made at first start in `dir` and used
 * again later. The server certificate is made anew when it ends soon or when this machine has got another name or address.
 */
export async function ensureDevelopmentTls(dir: string, clock: Clock, names: readonly string[] = namesOfThisMachine()): Promise<DevelopmentTls> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  x509.cryptoProvider.set(webcrypto)
  const ca = readPair(dir, 'ca') ?? writePair(dir, 'ca', await makeCa(clock))
  const kept = readPair(dir, 'server')
  const server = kept && isGood(kept, ca, names, clock) ? kept : writePair(dir, 'server', await makeServer(ca, names, clock))
  const fingerprint = createHash('sha256').update(new X509Certificate(ca.cert).raw).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
  return { cert: server.cert, key: server.key, ca: ca.cert, caPath: join(dir, 'ca.crt'), fingerprint }
}

/** Under which names and addresses clients may reach this machine. */
export function namesOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter(({ address }) => !address.startsWith('fe80:')).map(({ address }) => address)
  return [...new Set(['localhost', hostname(), '127.0.0.1', '::1', ...addresses])].filter(isUsableName)
}

/** A host name may be anything on Linux; only what DNS allows can stand in a certificate. */
function isUsableName(name: string): boolean {
  return isIP(name) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name)
}

function isGood(server: Pair, ca: Pair, names: readonly string[], clock: Clock): boolean {
  const certificate = new X509Certificate(server.cert)
  const endsAt = Date.parse(certificate.validTo)
  if (endsAt - clock.now() < RENEW_BEFORE_DAYS * DAY_MS || !certificate.verify(new X509Certificate(ca.cert).publicKey)) return false
  return names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
}

async function makeCa(clock: Clock): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Vigil development CA ${randomBytes(4).toString('hex')}`,
    ...validFor(CA_DAYS, clock),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

async function makeServer(ca: Pair, names: readonly string[], clock: Clock): Promise<Pair> {
  const issuer = new x509.X509Certificate(ca.cert)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=Vigil broker',
    issuer: issuer.subject,
    ...validFor(SERVER_DAYS, clock),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await readKey(ca.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n${ca.cert}`, key: await pemOf(keys.privateKey) }
}

function validFor(days: number, clock: Clock): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(clock.now() - BACKDATED_DAYS * DAY_MS), notAfter: new Date(clock.now() + days * DAY_MS) }
}

/** 127 random bits, positive: RFC 5280 section 4.1.2.2. */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x01
  return bytes.toString('hex')
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem)
  return webcrypto.subtle.importKey('pkcs8', der as ArrayBuffer, ALGORITHM, false, ['sign'])
}

function readPair(dir: string, name: string): Pair | undefined {
  const [certPath, keyPath] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
  return existsSync(certPath) && existsSync(keyPath) ? { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') } : undefined
}

/** The key first: a certificate without its key, after a power cut in between, is simply made again. */
function writePair(dir: string, name: string, pair: Pair): Pair {
  for (const [suffix, content] of [['key', pair.key], ['crt', pair.cert]] as const) {
    const path = join(dir, `${name}.${suffix}`)
    writeFileSync(`${path}.new`, content, { mode: FILE_MODE })
    renameSync(`${path}.new`, path)
  }
  return pair
}
