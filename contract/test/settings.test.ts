import { describe, expect, it } from 'vitest'
import { AppError } from '../src/errors.ts'
import { parseSettings, settingsHelp, type SettingSpec } from '../src/settings.ts'

const specs = {
  port: { env: 'VIGIL_HTTP_PORT', kind: 'integer', default: 8080, min: 0, max: 65_535, description: 'HTTP port' },
  bind: { env: 'VIGIL_BIND', kind: 'string', default: '127.0.0.1', description: 'address' },
  url: { env: 'VIGIL_MQTT_URL', alsoEnv: 'MQTT_URL', kind: 'string', description: 'broker' },
  quick: { env: 'VIGIL_QUICK', kind: 'boolean', default: false, description: 'quick' },
} as const satisfies Record<string, SettingSpec>

describe('settings', () => {
  it('come from flags before environment before file before defaults, and say from where', () => {
    const { values, origins } = parseSettings(specs, { argv: ['--http-port', '1'], env: { VIGIL_HTTP_PORT: '2', VIGIL_BIND: '::1' }, file: { bind: 'x', quick: true } })
    expect(values).toEqual({ port: 1, bind: '::1', url: undefined, quick: true })
    expect(origins).toEqual({ port: 'flag', bind: 'environment', url: 'unset', quick: 'file' })
  })

  it('answer to the name operators know as well', () => {
    expect(parseSettings(specs, { argv: [], env: { MQTT_URL: 'mqtt://h' } }).values.url).toBe('mqtt://h')
  })

  it('report every mistake at once', () => {
    const wrong = () => parseSettings(specs, { argv: ['--nonsense', '--http-port=99999'], env: { VIGIL_HTP_PORT: '1' }, file: { colour: 1 } })
    expect(wrong).toThrow(AppError)
    expect(wrong).toThrow(/--nonsense[\s\S]*VIGIL_HTP_PORT[\s\S]*colour[\s\S]*0 to 65535/)
  })

  it('let another program of the house have its own variables', () => {
    expect(() => parseSettings(specs, { argv: [], env: { VIGIL_OTHER: '1' } }, new Set(['VIGIL_OTHER']))).not.toThrow()
  })

  it('are all explained by --help', () => {
    const help = settingsHelp('vigil-x', 'does x', specs)
    for (const spec of Object.values(specs)) expect(help).toContain(spec.env)
  })
})
