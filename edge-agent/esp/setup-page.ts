import { type BoardSettings, checkSettings } from './board-settings.ts'

export interface PageAnswer {
  readonly status: number
  readonly body: string
  /** Set when the form was good: to be saved, then the board starts anew. */
  readonly settings?: BoardSettings
}

export interface PageRequest {
  readonly method: string
  /** `application/x-www-form-urlencoded`. */
  readonly body: string
  readonly networks: readonly string[]
  readonly deviceHint: string
}

/** The one page of a board that does not know its network yet. Every address leads to it, as phones ask for theirs. */
export function setupPage({ method, body, networks, deviceHint }: PageRequest): PageAnswer {
  if (method !== 'POST') return { status: 200, body: form({ networks, fields: { device: deviceHint } }) }
  const fields = formFields(body)
  const checked = checkSettings(fields)
  if (!checked.ok) return { status: 400, body: form({ networks, fields, why: checked.why }) }
  return { status: 200, body: page(`<p>Saved. The board now starts as <b>${escaped(checked.settings.device)}</b>; this network goes away.</p>`), settings: checked.settings }
}

export function formFields(body: string): Record<string, string> {
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text.replace(/\+/g, ' '))
    } catch {
      return ''
    }
  }
  return Object.fromEntries(body.split('&').filter((pair) => pair !== '').map((pair) => [decode(pair.split('=')[0] as string), decode(pair.split('=').slice(1).join('='))]))
}

const questions = [
  ['ssid', 'Wi-Fi network', 'text'],
  ['password', 'Wi-Fi password', 'password'],
  ['host', 'Server', 'text'],
  ['port', 'Port (8883)', 'number'],
  ['site', 'Site (main)', 'text'],
  ['device', 'Device', 'text'],
  ['secret', 'Secret of the device', 'password'],
] as const

function form({ networks, fields, why }: { networks: readonly string[]; fields: Readonly<Record<string, string>>; why?: string }): string {
  const inputs = questions.map(([name, label, type]) => {
    // What is secret is never sent back to the page.
    const value = type === 'password' ? '' : ` value="${escaped(fields[name] ?? '')}"`
    return `<label>${label}<input name="${name}" type="${type}"${value}${name === 'ssid' ? ' list="networks"' : ''}></label>`
  })
  const breathing = '<label>Breathing<select name="breathing"><option value="spontaneous">by themselves</option><option value="ventilated">by a machine</option></select></label>'
  const list = `<datalist id="networks">${networks.map((name) => `<option>${escaped(name)}</option>`).join('')}</datalist>`
  return page(`${why ? `<p role="alert">${escaped(why)}</p>` : ''}<form method="post">${inputs.join('')}${breathing}${list}<button>Save and start</button></form>`)
}

const page = (inner: string): string =>
  `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Vigil board</title><style>body{font:18px sans-serif;margin:1em;max-width:30em}label{display:block;margin:.6em 0}input,select,button{font:inherit;width:100%;padding:.4em;box-sizing:border-box}[role=alert]{color:#b00020}</style><h1>Vigil board</h1>${inner}</html>`

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
