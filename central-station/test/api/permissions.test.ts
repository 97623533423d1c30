import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Fastify, { type FastifyContextConfig } from 'fastify'
import { type Patient, type Permission, type Role, roleRights, roles } from '@vigil/contract'
import { demandPermissions } from '../../src/http/permissions.ts'
import { apiWith, type TestApi } from '../support/api.ts'
import { openScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const ID = '00000000-0000-7000-8000-000000000000'

/** Every route and the right it takes; everybody who has not got it is turned away. */
const routes: [string, string, Permission | 'a token of its own'][] = [
  ['POST', '/session', 'public'],
  ['DELETE', '/session', 'self'],
  ['GET', '/me', 'self'],
  ['GET', '/users', 'user:read'],
  ['POST', '/users', 'user:write'],
  ['PATCH', '/users/{userId}', 'user:write'],
  ['POST', '/users/{userId}/password-reset', 'user:write'],
  ['GET', '/me/care', 'self'],
  ['GET', '/me/history', 'self'],
  ['POST', '/me/call', 'self'],
  ['GET', '/me/looks', 'self'],
  ['GET', '/me/phones', 'self'],
  ['DELETE', '/me/phones/{sourceId}', 'self'],
  ['PUT', '/me/password', 'self'],
  ['PUT', '/me/pin', 'self'],
  ['POST', '/session/lock', 'self'],
  ['POST', '/session/unlock', 'self'],
  ['GET', '/demo/contents', 'demo:remove'],
  ['POST', '/demo/removal', 'demo:remove'],
  ['GET', '/audit', 'audit:read'],
  ['GET', '/audit/chain', 'audit:read'],
  ['GET', '/audit/export', 'audit:read'],
  ['GET', '/audit/key', 'public'],
  ['POST', '/break-glass', 'glass:break'],
  ['GET', '/break-glass', 'glass:read'],
  ['DELETE', '/break-glass/{grantId}', 'glass:read'],
  ['GET', '/tokens', 'token:write'],
  ['POST', '/tokens', 'token:write'],
  ['DELETE', '/tokens/{tokenId}', 'token:write'],
  ['GET', '/wards', 'ward:read'],
  ['POST', '/wards', 'ward:write'],
  ['GET', '/wards/{wardId}', 'ward:read'],
  ['PATCH', '/wards/{wardId}', 'ward:write'],
  ['POST', '/wards/{wardId}/beds', 'ward:write'],
  ['PATCH', '/wards/{wardId}/beds/{bedId}', 'ward:write'],
  ['POST', '/wards/{wardId}/beds/{bedId}/retirement', 'ward:write'],
  ['GET', '/wards/{wardId}/trend', 'ward:read'],
  ['GET', '/patients', 'patient:read'],
  ['POST', '/patients', 'patient:write'],
  ['GET', '/patients/{patientId}', 'patient:read'],
  ['GET', '/patients/{patientId}/looks', 'glass:read'],
  ['PATCH', '/patients/{patientId}', 'patient:write'],
  ['POST', '/stays', 'stay:write'],
  ['GET', '/stays/{stayId}', 'patient:read'],
  ['PATCH', '/stays/{stayId}', 'stay:write'],
  ['POST', '/stays/{stayId}/transfer', 'stay:write'],
  ['POST', '/stays/{stayId}/discharge', 'stay:write'],
  ['GET', '/admission-proposals', 'stay:write'],
  ['POST', '/admission-proposals/{proposalId}/acceptance', 'stay:write'],
  ['POST', '/admission-proposals/{proposalId}/refusal', 'stay:write'],
  ['GET', '/stays/{stayId}/history', 'history:read'],
  ['GET', '/stays/{stayId}/waveforms', 'history:read'],
  ['GET', '/devices/{deviceId}/waveforms', 'history:read'],
  ['GET', '/stays/{stayId}/history.csv', 'history:export'],
  ['GET', '/hl7-sources/{deviceId}/codes', 'integration:write'],
  ['PUT', '/hl7-sources/{deviceId}/codes', 'integration:write'],
  ['POST', '/exports', 'history:export'],
  ['GET', '/exports', 'history:export'],
  ['GET', '/exports/{exportId}', 'history:export'],
  ['GET', '/exports/{exportId}/file', 'history:export'],
  ['DELETE', '/exports/{exportId}', 'history:export'],
  ['GET', '/stays/{stayId}/annotations', 'history:read'],
  ['POST', '/stays/{stayId}/annotations', 'observation:write'],
  ['POST', '/stays/{stayId}/annotations/{annotationId}/correction', 'observation:write'],
  ['GET', '/saved-queries', 'history:read'],
  ['POST', '/saved-queries', 'history:read'],
  ['DELETE', '/saved-queries/{queryId}', 'history:read'],
  ['GET', '/devices', 'device:read'],
  ['POST', '/devices', 'device:write'],
  ['GET', '/devices/{deviceId}', 'device:read'],
  ['PATCH', '/devices/{deviceId}', 'device:write'],
  ['DELETE', '/devices/{deviceId}', 'device:write'],
  ['POST', '/devices/{deviceId}/secret', 'device:write'],
  ['PUT', '/devices/{deviceId}/alink', 'device:write'],
  ['POST', '/devices/{deviceId}/revocation', 'device:write'],
  ['POST', '/devices/{deviceId}/replacement', 'stay:write'],
  ['POST', '/enrolment-codes', 'device:write'],
  ['GET', '/enrolment-codes', 'device:write'],
  ['DELETE', '/enrolment-codes/{codeId}', 'device:write'],
  ['POST', '/enrolment', 'public'],
  ['GET', '/devices/{deviceId}/ledger', 'device:read'],
  ['GET', '/devices/{deviceId}/completeness', 'device:read'],
  ['GET', '/devices/{deviceId}/history', 'history:read'],
  ['GET', '/devices/{deviceId}/history.csv', 'history:export'],
  ['GET', '/devices/{deviceId}/commands', 'device:read'],
  ['POST', '/devices/{deviceId}/commands', 'command:send'],
  ['POST', '/devices/{deviceId}/commands/{commandId}/cancel', 'command:send'],
  ['GET', '/demo', 'ward:read'],
  ['POST', '/demo/scenarios', 'command:send'],
  ['GET', '/devices/{deviceId}/config', 'device:read'],
  ['PUT', '/devices/{deviceId}/config', 'config:write'],
  ['GET', '/path-health', 'device:read'],
  ['GET', '/firmware', 'device:read'],
  ['GET', '/firmware/decisions', 'device:read'],
  ['PUT', '/firmware', 'device:write'],
  ['GET', '/rollouts', 'device:read'],
  ['POST', '/rollouts', 'config:write'],
  ['POST', '/rollout-drafts', 'config:write'],
  ['POST', '/rollouts/{rolloutId}/acts', 'config:write'],
  ['GET', '/alarms', 'ward:read'],
  ['GET', '/alarms/{alarmId}/events', 'patient:read'],
  ['POST', '/alarms/{alarmId}/acknowledgement', 'alarm:acknowledge'],
  ['GET', '/alarms/{alarmId}/takers', 'alarm:acknowledge'],
  ['POST', '/alarms/{alarmId}/handover', 'alarm:acknowledge'],
  ['POST', '/stays/{stayId}/patient-call', 'patient:read'],
  ['PUT', '/stays/{stayId}/audio', 'alarm:pause'],
  ['POST', '/wards/{wardId}/audio-pause', 'alarm:pause-ward'],
  ['DELETE', '/wards/{wardId}/audio-pause', 'alarm:pause-ward'],
  ['PUT', '/wards/{wardId}/sound-floor', 'alarm:pause-ward'],
  ['PUT', '/stays/{stayId}/monitoring-pause', 'alarm:pause'],
  ['DELETE', '/stays/{stayId}/monitoring-pause', 'alarm:pause'],
  ['GET', '/alarm-reviews', 'ward:read'],
  ['POST', '/alarm-reviews/{reviewId}/seen', 'alarm:acknowledge'],
  ['GET', '/stays/{stayId}/limits', 'patient:read'],
  ['PUT', '/stays/{stayId}/limits', 'limits:write'],
  ['PUT', '/stays/{stayId}/alarm-off', 'alarm:off'],
  ['PUT', '/wards/{wardId}/limits', 'alarm:off'],
  ['GET', '/wards/{wardId}/limit-profiles', 'ward:read'],
  ['GET', '/wards/{wardId}/limit-profiles/{profileId}/versions', 'ward:read'],
  ['POST', '/wards/{wardId}/limit-profiles', 'alarm:off'],
  ['PUT', '/wards/{wardId}/limit-profiles/{profileId}', 'alarm:off'],
  ['POST', '/wards/{wardId}/limit-profiles/{profileId}/retirement', 'alarm:off'],
  ['GET', '/stays/{stayId}/observations', 'history:read'],
  ['POST', '/stays/{stayId}/observations', 'observation:write'],
  ['POST', '/alarm-simulations', 'history:read'],
  ['GET', '/alarm-load', 'ward:read'],
  ['POST', '/stays/{stayId}/reopen', 'stay:write'],
  ['GET', '/patients/{patientId}/health', 'history:read'],
  ['GET', '/patients/{patientId}/health-imports', 'history:read'],
  ['GET', '/patients/{patientId}/health-sources', 'patient:read'],
  ['POST', '/patients/{patientId}/health-sources', 'patient:write'],
  ['DELETE', '/patients/{patientId}/health-sources/{sourceId}', 'patient:write'],
  ['POST', '/import/health-auto-export', 'a token of its own'],
  ['GET', '/hl7-sources', 'integration:write'],
  ['PATCH', '/hl7-sources/{deviceId}', 'integration:write'],
  ['GET', '/outbound-targets', 'integration:write'],
  ['POST', '/outbound-targets', 'integration:write'],
  ['PATCH', '/outbound-targets/{targetId}', 'integration:write'],
  ['DELETE', '/outbound-targets/{targetId}', 'integration:write'],
  ['POST', '/outbound-targets/{targetId}/test', 'integration:write'],
  ['GET', '/outbound-targets/{targetId}/deliveries', 'integration:write'],
  ['POST', '/outbound-deliveries/{deliveryNo}/retry', 'integration:write'],
  ['GET', '/openapi.json', 'public'],
]

const filled = (path: string) => path.replaceAll(/\{(ward|device)Id\}/g, 'nowhere').replaceAll(/\{\w+\}/g, ID)
/** A body no route takes, so that nothing changes while everything is tried. */
const bodyFor = (method: string) => (['POST', 'PUT', 'PATCH'].includes(method) ? { surely: 'unknown' } : undefined)

describe('who may call what', () => {
  let postgres: TestPostgres
  let ward: TestStation
  const people = new Map<Role, TestApi>()

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    await ward.admin.post('/wards', { id: 'shown', name: 'Shown', beds: [{ id: 'b1', label: '1' }] })
    const self = await ward.admin.post<Patient>('/patients', { familyName: 'Self' })
    for (const role of roles) {
      await ward.admin.post('/users', { username: `the-${role}`, displayName: role, role, ...(role === 'patient' ? { patientId: self.id } : {}), wards: role === 'wall' ? ['shown'] : null, password: 'a password of ten' })
      people.set(role, await ward.as(`the-${role}`, 'a password of ten'))
    }
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  it('this table knows every route of the description, and nothing else', async () => {
    const { body } = await apiWith(ward.http, '').ask<{ openapi: string; paths: Record<string, Record<string, { summary?: string }>> }>('GET', '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const described = Object.entries(body.paths).filter(([path]) => path.startsWith('/api/v1')).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`))
    expect(described.toSorted()).toEqual(routes.map(([method, path]) => `${method} ${path}`).toSorted())
    for (const methods of Object.values(body.paths)) for (const { summary } of Object.values(methods)) expect(summary).toMatch(/^[A-Z]/)
  })

  for (const [method, path, permission] of routes) {
    it(`${method} ${path} takes ${permission}`, async () => {
      const withoutSession = await apiWith(ward.http, '').ask(method, filled(path), bodyFor(method))
      expect(withoutSession.status === 401).toBe(permission !== 'public')
      for (const role of roles) {
        if (path === '/session' || path === '/session/lock') continue
        const { status, body } = await (people.get(role) as TestApi).ask(method, filled(path), bodyFor(method))
        // A phone's token is nobody's session.
        if (permission === 'a token of its own') {
          expect(status).toBe(401)
          continue
        }
        const allowed = permission === 'public' || roleRights[role].includes(permission)
        if (allowed) expect([401, 403]).not.toContain(status)
        else expect([status, body.code]).toEqual([403, 'FORBIDDEN'])
      }
    })
  }

  it('a role without wards gets no live page, a wall gets wards and no single device', async () => {
    await expect(openScreen(people.get('auditor') as TestApi)).rejects.toMatchObject({ status: 403 })
    await expect(openScreen(apiWith(ward.http, ''))).rejects.toMatchObject({ status: 401 })
    await ward.admin.post('/devices', { id: 'board-1' })
    const wall = await openScreen(people.get('wall') as TestApi)
    wall.watch({ devices: ['board-1'], waves: ['board-1'] })
    expect((await wall.sees('refused')).problem).toMatchObject({ code: 'FORBIDDEN' })
    wall.close()
  })

  it('being turned away is written down', async () => {
    const { entries } = await ward.admin.get<{ entries: unknown[] }>('/audit?action=access.refused&user=the-wall&limit=1000')
    expect(entries).toContainEqual(expect.objectContaining({ role: 'wall', detail: { method: 'GET', route: '/api/v1/patients', permission: 'patient:read' } }))
  })
})

describe('a route that forgets to say who may call it', () => {
  it.each([
    [{}, 'declares no permission'],
    [{ permission: 'self' as const }, 'does not say what it writes to the audit'],
  ])('stops the start: %j', (config, why) => {
    const app = Fastify()
    demandPermissions(app)
    expect(() => app.get('/forgotten', { config }, () => 'hello')).toThrow(expect.objectContaining({ code: 'ROUTE_WITHOUT_PERMISSION', message: expect.stringContaining(why) }))
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('stops the start when it may change something and nobody writes that to the audit: %s', (method) => {
    const app = Fastify()
    demandPermissions(app)
    const route = (config: FastifyContextConfig) => app.route({ method, url: '/forgotten', config, handler: () => 'hello' })
    expect(() => route({ permission: 'self', audit: false })).toThrow(expect.objectContaining({ code: 'ROUTE_WITHOUT_PERMISSION', message: expect.stringContaining('does not say who writes that') }))
    expect(() => route({ permission: 'self', audit: false, auditedBy: 'its store' })).not.toThrow()
  })
})
