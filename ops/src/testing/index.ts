export { freePort } from './free-port.ts'
export { startTestPostgres, type TestPostgres, type TestPostgresOptions } from './test-postgres.ts'
export { until } from './until.ts'
export { ensureWebApp } from '../start/web-build.ts'
