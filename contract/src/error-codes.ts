/**
 * Errors are part of the API: every failure a program or a person can meet has a stable code here.
 * `docs/errors.md` lists the same codes with what to do; a test keeps the two in step.
 */
export const errorCodes = {
  INVALID_REQUEST: { status: 400, retry: false },
  INVALID_RANGE: { status: 400, retry: false },
  UNKNOWN_SIGNAL: { status: 400, retry: false },
  TOO_MANY_POINTS: { status: 400, retry: false },
  UNAUTHENTICATED: { status: 401, retry: false },
  SIGN_IN_REFUSED: { status: 401, retry: false },
  FORBIDDEN: { status: 403, retry: false },
  ENROLMENT_REFUSED: { status: 403, retry: false },
  CROSS_ORIGIN: { status: 403, retry: false },
  NOT_FOUND: { status: 404, retry: false },
  ALREADY_EXISTS: { status: 409, retry: false },
  BED_OCCUPIED: { status: 409, retry: false },
  DEVICE_IN_USE: { status: 409, retry: false },
  DEVICE_NOT_IN_USE: { status: 409, retry: false },
  STAY_ENDED: { status: 409, retry: false },
  MODE_MISMATCH: { status: 409, retry: false },
  VERSION_CONFLICT: { status: 409, retry: false },
  ALARM_CHANGED: { status: 409, retry: false },
  ALARM_OVER: { status: 409, retry: false },
  LIMITS_INVALID: { status: 422, retry: false },
  NOTICE_NOT_SENT: { status: 502, retry: true },
  ALARM_ENGINE_AWAY: { status: 503, retry: true },
  COMMAND_UNDER_WAY: { status: 409, retry: false },
  COMMAND_NOT_OFFERED: { status: 422, retry: false },
  COMMAND_ARGUMENTS: { status: 422, retry: false },
  BODY_TOO_LARGE: { status: 413, retry: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retry: false },
  TOO_MANY_REQUESTS: { status: 429, retry: true },
  INTERNAL: { status: 500, retry: true },
  NOT_READY: { status: 503, retry: true },
  DATABASE_AWAY: { status: 503, retry: true },
  BROKER_AWAY: { status: 503, retry: true },
  MALFORMED_JSON: { status: 400, retry: false },
  INVALID_TELEMETRY: { status: 422, retry: false },
  INVALID_EVENT: { status: 422, retry: false },
  INVALID_MESSAGE: { status: 422, retry: false },
  MESSAGE_TOO_LARGE: { status: 413, retry: false },
  UNKNOWN_DEVICE: { status: 404, retry: false },
  REFUSED_BY_DATABASE: { status: 422, retry: false },
  BACKUP_DAMAGED: { status: 422, retry: false },
  BACKUP_TARGET: { status: 409, retry: false },
  SEGMENT_NOT_EXACT: { status: 500, retry: false },
  SERVER_AWAY: { status: 503, retry: true },
  SERVER_NOT_TRUSTED: { status: 502, retry: false },
  SENSOR_BUS_FAULT: { status: 502, retry: true },
  SENSOR_NOT_FOUND: { status: 404, retry: true },
  I2C_UNAVAILABLE: { status: 501, retry: false },
  SPOOL_FULL: { status: 507, retry: false },
  SPOOL_CORRUPT: { status: 500, retry: false },
  SETTINGS_INVALID: { status: 400, retry: false },
  UNSAFE_BIND: { status: 400, retry: false },
  PORT_TAKEN: { status: 409, retry: false },
  START_FAILED: { status: 500, retry: true },
  MIGRATION_FAILED: { status: 500, retry: false },
  ROUTE_WITHOUT_PERMISSION: { status: 500, retry: false },
} as const satisfies Record<string, { status: number; retry: boolean }>

export type ErrorCode = keyof typeof errorCodes

/** HTTP status that belongs to a code. */
export function statusOf(code: ErrorCode): number {
  return errorCodes[code].status
}
