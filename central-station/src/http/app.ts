import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import websocket from '@fastify/websocket'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { LogController, type FastifyInstance, type FastifyServerFactory } from 'fastify'
import { AppError, type Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { uuidv7 } from '../ids.ts'
import { admissionRoutes } from './patients/admission-routes.ts'
import { alarmAudioRoutes, lateRoutes } from './alarms/alarm-audio-routes.ts'
import { alarmHandoverRoutes } from './alarms/alarm-handover-routes.ts'
import { alarmRoutes } from './alarms/alarm-routes.ts'
import { alarmStudyRoutes } from './alarms/alarm-study-routes.ts'
import { auditRoutes } from './people/audit-routes.ts'
import { annotationRoutes } from './patients/annotation-routes.ts'
import { authenticate, type AuthenticationOptions } from './authentication.ts'
import { refuseDeepBodies } from './body-depth.ts'
import { completenessRoutes } from './devices/completeness-routes.ts'
import { controlRoutes } from './devices/control-routes.ts'
import { demoRoutes } from './demo-routes.ts'
import { alinkDeviceRoutes } from './devices/alink-device-routes.ts'
import { deviceCareRoutes } from './devices/device-care-routes.ts'
import { deviceRoutes } from './devices/device-routes.ts'
import { enrolmentRoutes } from './devices/enrolment-routes.ts'
import { exportRoutes } from './patients/export-routes.ts'
import { fhirRoutes } from './fhir/fhir-routes.ts'
import { glassRoutes } from './people/glass-routes.ts'
import { keepToWards } from './scope.ts'
import { handleErrors, sendProblem } from './error-handling.ts'
import { healthDataRoutes } from './doors/health-data-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { historyRoutes } from './patients/history-routes.ts'
import { hl7SourceRoutes } from './doors/hl7-source-routes.ts'
import { ihpRoutes } from './doors/ihp-routes.ts'
import { limitProfileRoutes } from './alarms/limit-profile-routes.ts'
import { limitRoutes } from './alarms/limit-routes.ts'
import { monitoringRoutes } from './alarms/monitoring-routes.ts'
import { liveRoute, MOST_LIVE_REQUEST_BYTES } from './live-route.ts'
import { describeApi, openApiRoute } from './openapi.ts'
import { outboundRoutes } from './doors/outbound-routes.ts'
import { ownCareRoutes } from './patients/own-care-routes.ts'
import { ownPhoneRoutes } from './patients/own-phone-routes.ts'
import { ownRoutes } from './people/own-routes.ts'
import { patientRoutes } from './patients/patient-routes.ts'
import { peopleRoutes } from './people/people-routes.ts'
import { demandPermissions } from './permissions.ts'
import { firmwareRoutes } from './devices/firmware-routes.ts'
import { pathHealthRoutes } from './devices/path-health-routes.ts'
import { rolloutRoutes } from './devices/rollout-routes.ts'
import type { Services } from './services.ts'
import { sessionRoutes } from './people/session-routes.ts'
import { stayRoutes } from './patients/stay-routes.ts'
import { tokenRoutes } from './people/token-routes.ts'
import { wardLayoutRoutes } from './patients/ward-layout-routes.ts'
import { wardRoutes } from './patients/ward-routes.ts'
import { waveformRoutes } from './patients/waveform-routes.ts'
import { webApp } from './web-app.ts'
import { veil } from '../people/veil.ts'

export interface AppOptions {
  readonly services: Services
  readonly tls: boolean
  /** Folder of the built app. */
  readonly dist: string
  readonly clock: Clock
  readonly log: Log
  readonly serverFactory?: FastifyServerFactory
}

const MOST_BODY_BYTES = 1024 * 1024
const MOST_PER_MINUTE = 1_000
export const API = '/api/v1'

/** The whole HTTP side, not yet listening. @throws AppError ROUTE_WITHOUT_PERMISSION */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { services, tls, dist, clock, log, serverFactory } = options
  const app = Fastify({
    loggerInstance: log,
    // Addresses may hold what somebody searched for: requests are not logged, failures are, by route.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: 30_000,
    genReqId: () => uuidv7(clock.now()),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, log),
    ...(serverFactory ? { serverFactory } : {}),
  }) as unknown as FastifyInstance
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  // The services are typed by the same schemas; serialising by schema would cost time and drop what a schema forgot.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.removeContentTypeParser('text/plain')
  handleErrors(app, log)
  demandPermissions(app)
  refuseDeepBodies(app)
  await harden(app, tls)
  // Before authentication: a refused upgrade leaves its socket to this plugin, which must know of it to close it.
  await app.register(websocket, { options: { maxPayload: MOST_LIVE_REQUEST_BYTES } })
  await authenticate(app, { gate: services.gate, audit: services.audit, tls } satisfies AuthenticationOptions)
  keepToWards(app, services)
  await app.register(rateLimit, {
    max: MOST_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => request.caller?.id ?? request.ip,
    errorResponseBuilder: (_request, { ttl }) => new AppError('TOO_MANY_REQUESTS', `Too many requests. Try again in ${Math.ceil(ttl / 1_000)} s.`, { details: { retryAfterMs: ttl } }),
  })
  await describeApi(app)
  await app.register((api) => registerApi(api, options), { prefix: API })
  await app.register(fhirRoutes, { prefix: '/fhir', fhir: services.fhir, clock })
  if (services.ihp) await app.register(ihpRoutes, { ihp: services.ihp })
  await app.register(healthRoutes, { ready: services.ready, metrics: services.metrics })
  await webApp(app, { dist, log })
  return app
}

async function registerApi(api: FastifyInstance, { services, tls, clock, log }: AppOptions): Promise<void> {
  // Patients' data is never kept by a browser or a proxy.
  api.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
  })
  api.addHook('preSerialization', async ({ caller }, _reply, payload) => (caller?.held === 'locked' ? veil(payload) : payload))
  await liveRoute(api, { ...services, reads: services.wardReads, clock, log })
  await api.register(sessionRoutes, { signIn: services.signIn, tls })
  await api.register(peopleRoutes, services)
  await api.register(ownRoutes, services)
  await api.register(ownCareRoutes, { ...services, clock })
  await api.register(ownPhoneRoutes, services)
  await api.register(tokenRoutes, services)
  await api.register(glassRoutes, services)
  await api.register(auditRoutes, services)
  await api.register(wardLayoutRoutes, services)
  await api.register(wardRoutes, { wards: services.wards, reads: services.wardReads })
  await api.register(patientRoutes, services)
  await api.register(stayRoutes, services)
  await api.register(admissionRoutes, services)
  await api.register(deviceRoutes, services)
  await api.register(completenessRoutes, services)
  await api.register(deviceCareRoutes, services)
  await api.register(alinkDeviceRoutes, services)
  await api.register(enrolmentRoutes, services)
  await api.register(controlRoutes, services)
  await api.register(firmwareRoutes, services)
  await api.register(pathHealthRoutes, services)
  await api.register(rolloutRoutes, services)
  await api.register(demoRoutes, services)
  await api.register(historyRoutes, services)
  await api.register(exportRoutes, services)
  await api.register(waveformRoutes, services)
  await api.register(healthDataRoutes, services)
  await api.register(annotationRoutes, services)
  await api.register(alarmRoutes, services)
  await api.register(alarmHandoverRoutes, services)
  await api.register(alarmAudioRoutes, services)
  await api.register(lateRoutes, services)
  await api.register(monitoringRoutes, services)
  await api.register(limitRoutes, services)
  await api.register(limitProfileRoutes, services)
  await api.register(alarmStudyRoutes, services)
  await api.register(outboundRoutes, services)
  await api.register(hl7SourceRoutes, services)
  await api.register(openApiRoute)
}

async function harden(app: FastifyInstance, tls: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  })
}
