import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Demo, DemoContents, DemoRemoval, DemoRemoved, DemoRun, DemoStart, Problem } from '@vigil/contract'
import type { DemoService } from '../demo/demo.ts'
import type { DemoRemoval as DemoRemovalService } from '../demo/demo-removal.ts'
import { seesWard } from '../people/caller.ts'
import { actorOf, mustCaller } from './context.ts'
import { within } from './scope.ts'

/** Scenarios of the demo ward: something to see, to answer and to find in the audit. */
export const demoRoutes: FastifyPluginAsyncTypebox<{ demo: DemoService; demoRemoval: DemoRemovalService }> = async (app, { demo, demoRemoval }) => {
  app.get(
    '/demo',
    { config: { permission: 'ward:read', audit: false, scope: 'filtered' }, schema: { summary: 'Demo boards, what each can play, and what plays now; empty without a demo ward', tags: ['demo'], response: { 200: Demo, '4xx': Problem } } },
    async (request) => {
      const { boards, runs } = await demo.read()
      const mine = within(mustCaller(request), boards, (board) => board.wardId)
      return { boards: mine, runs: runs.filter((run) => mine.some((board) => board.deviceId === run.deviceId)) }
    },
  )
  app.post(
    '/demo/scenarios',
    {
      config: { permission: 'command:send', audit: 'demo.scenario', scope: 'filtered' },
      schema: {
        summary: 'Play a scenario at a demo board',
        description: 'Goes out as a command that simulated boards alone offer, and only to a device that registry and birth both call demo.',
        tags: ['demo'],
        body: DemoStart,
        response: { 202: DemoRun, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const caller = mustCaller(request)
      const run = await demo.start(request.body, actorOf(request), (wardId) => seesWard(caller, wardId))
      request.subject = { deviceId: run.deviceId, detail: { scenario: run.scenario, commandId: run.id } }
      return reply.code(202).send(run)
    },
  )
  app.get(
    '/demo/contents',
    { config: { permission: 'demo:remove', audit: false }, schema: { summary: 'What there is of the demo ward', tags: ['demo'], response: { 200: DemoContents, '4xx': Problem } } },
    () => demoRemoval.contents(),
  )
  app.post(
    '/demo/removal',
    {
      config: { permission: 'demo:remove', audit: 'demo.remove' },
      schema: {
        summary: 'Remove the demo ward with everything that was simulated',
        description: 'Patients, devices and wards of mode demo, with their stays, values, curves, alarms and notes. Nothing of a real patient is touched, and the audit stays. The simulator stops; `npm start -- --demo-again` brings it back. What takes longer than some seconds is answered with 202 and `removal`, and goes on: `GET /demo/contents` says how it stands.',
        tags: ['demo'],
        body: DemoRemoval,
        response: { 200: DemoRemoved, 202: DemoRemoved, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const removed = await demoRemoval.remove(actorOf(request).username)
      request.subject = { detail: { ...removed } }
      return reply.code(removed.removal ? 202 : 200).send(removed)
    },
  )
}
