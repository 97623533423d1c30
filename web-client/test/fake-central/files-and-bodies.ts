import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

/** The policy the app must work under. */
export const CSP = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** A file of the built app; any address without an ending is a page of it. */
export async function serveFile(dist: string, path: string, response: ServerResponse): Promise<void> {
  const asked = extname(path) === '' ? 'index.html' : normalize(path)
  const content = await readFile(join(dist, asked)).catch(() => undefined)
  response.writeHead(content ? 200 : 404, { 'content-type': types[extname(asked)] ?? 'application/octet-stream', 'content-security-policy': CSP }).end(content)
}

/** What was sent; nothing is an empty object. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : JSON.parse(text)
}
