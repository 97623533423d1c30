// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { apiPaths, paths } from '../src/paths.ts'

describe('every address the app makes', () => {
  it('pages stay where people bookmarked them', () => {
    expect([
      paths.signIn(), paths.signIn('/ward/ward-3'), paths.wards(), paths.ward('ward-3'), paths.ward('ward-3', { names: 'initials' }), paths.patient('s1'), paths.patient('s1', 'trends', { range: '24h' }), paths.patient('s1', 'remote'), paths.replay('s1', { at: 1_752_459_247_000, play: 1 }), paths.alarms(), paths.alarms({ show: 'load' }), paths.alarms({ ward: 'ward-3', priority: 'high' }), paths.alarm('a1'), paths.me('s1'), paths.audit({ stay: 's1' }), paths.people(), paths.shift(), paths.settings(), paths.handover('ward-3'),
      paths.history(), paths.history({ stay: 's1', signals: 'pr,spo2', from: '2026-07-14T00:00:00.000Z', to: '2026-07-14T06:00:00.000Z' }), paths.history({ device: 'ST-0042' }),
      paths.admit(), paths.admit({ bed: 'bed-02', patient: 'p1', device: undefined }), paths.proposals(), paths.devices(), paths.device('ST-0042'), paths.profiles(), paths.profiles({ ward: 'ward-3', profile: 'p1', edit: 'change' }), paths.wardSetup(), paths.wardSetup({ ward: 'ward-3', edit: 'label', bed: 'bed-02' }),
    ]).toMatchInlineSnapshot(`
      [
        "/sign-in",
        "/sign-in?from=%2Fward%2Fward-3",
        "/",
        "/ward/ward-3",
        "/ward/ward-3?names=initials",
        "/patient/s1/live",
        "/patient/s1/trends?range=24h",
        "/patient/s1/remote",
        "/patient/s1/replay?at=1752459247000&play=1",
        "/alarms",
        "/alarms?show=load",
        "/alarms?ward=ward-3&priority=high",
        "/alarms/a1",
        "/me?stay=s1",
        "/audit?stay=s1",
        "/people",
        "/shift",
        "/settings",
        "/handover?wards=ward-3",
        "/history",
        "/history?stay=s1&signals=pr%2Cspo2&from=2026-07-14T00%3A00%3A00.000Z&to=2026-07-14T06%3A00%3A00.000Z",
        "/history?device=ST-0042",
        "/admit",
        "/admit?bed=bed-02&patient=p1",
        "/admissions",
        "/devices",
        "/devices/ST-0042",
        "/limit-profiles",
        "/limit-profiles?ward=ward-3&profile=p1&edit=change",
        "/ward-setup",
        "/ward-setup?ward=ward-3&edit=label&bed=bed-02",
      ]
    `)
  })

  it('calls stay what the central station answers', () => {
    expect([
      apiPaths.session(), apiPaths.me(), apiPaths.live(), apiPaths.wards(), apiPaths.wardTrend('ward-3'), apiPaths.patients('no wak'), apiPaths.patients(), apiPaths.patient('p1'), apiPaths.stays(), apiPaths.stay('s1'), apiPaths.discharge('s1'),
      apiPaths.transfer('s1'), apiPaths.reopen('s1'), apiPaths.stayHistory('s1', { signals: 'pr', from: 1, to: 2, points: 800 }), apiPaths.stayCsv('s1', { from: 1, to: 2 }), apiPaths.devices(), apiPaths.device('ST 1/2'),
      apiPaths.deviceHistory('d', {}), apiPaths.deviceCsv('d', { from: 1 }), apiPaths.ledger('d'), apiPaths.commands('d'), apiPaths.cancelCommand('d', 'c'), apiPaths.config('d'), apiPaths.alarms({ state: 'open' }), apiPaths.acknowledge('a'), apiPaths.alarmEvents('a'), apiPaths.review(), apiPaths.reviewSeen('r'), apiPaths.simulation(),
      apiPaths.alarmLoad({}), apiPaths.audio('s1'), apiPaths.limits('s1'), apiPaths.alarmOff('s1'), apiPaths.observations('s1'), apiPaths.audit({ user: 'li' }), apiPaths.users(), apiPaths.proposals('open'), apiPaths.proposalAcceptance('7'), apiPaths.proposalRefusal('7'), apiPaths.exports(), apiPaths.export('e'), apiPaths.exportFile('e'),
    ]).toMatchInlineSnapshot(`
      [
        "/api/v1/session",
        "/api/v1/me",
        "/api/v1/live",
        "/api/v1/wards",
        "/api/v1/wards/ward-3/trend",
        "/api/v1/patients?q=no%20wak",
        "/api/v1/patients",
        "/api/v1/patients/p1",
        "/api/v1/stays",
        "/api/v1/stays/s1",
        "/api/v1/stays/s1/discharge",
        "/api/v1/stays/s1/transfer",
        "/api/v1/stays/s1/reopen",
        "/api/v1/stays/s1/history?signals=pr&from=1&to=2&points=800",
        "/api/v1/stays/s1/history.csv?from=1&to=2",
        "/api/v1/devices",
        "/api/v1/devices/ST%201%2F2",
        "/api/v1/devices/d/history",
        "/api/v1/devices/d/history.csv?from=1",
        "/api/v1/devices/d/ledger",
        "/api/v1/devices/d/commands",
        "/api/v1/devices/d/commands/c/cancel",
        "/api/v1/devices/d/config",
        "/api/v1/alarms?state=open",
        "/api/v1/alarms/a/acknowledgement",
        "/api/v1/alarms/a/events",
        "/api/v1/alarm-reviews",
        "/api/v1/alarm-reviews/r/seen",
        "/api/v1/alarm-simulations",
        "/api/v1/alarm-load",
        "/api/v1/stays/s1/audio",
        "/api/v1/stays/s1/limits",
        "/api/v1/stays/s1/alarm-off",
        "/api/v1/stays/s1/observations",
        "/api/v1/audit?user=li",
        "/api/v1/users",
        "/api/v1/admission-proposals?state=open",
        "/api/v1/admission-proposals/7/acceptance",
        "/api/v1/admission-proposals/7/refusal",
        "/api/v1/exports",
        "/api/v1/exports/e",
        "/api/v1/exports/e/file",
      ]
    `)
  })

  it('every call goes to the API, whichever it is', () => {
    const made = Object.entries(apiPaths).map(([name, make]) => [name, (make as (...args: unknown[]) => string)('a', 'b')] as const)
    expect(made.filter(([, path]) => !path.startsWith('/api/v1/'))).toEqual([])
  })
})
