import { CALL_LIMITS, type CallLimits, type ConnectionSettings, type Port } from './aws-settings.ts'

const CONNECT_MS = 1500

/** What every AWS client is made with. */
export interface ClientSettings {
  readonly region?: string
  readonly endpoint?: string
  readonly maxAttempts: number
  readonly retryMode: 'standard'
  readonly requestHandler: {
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly throwOnRequestTimeout: true
  }
}

export function limitsOf(settings: ConnectionSettings, port: Port): CallLimits {
  return settings.limits?.[port] ?? CALL_LIMITS[port]
}

/**
 * The one place where clients get their bounds. `requestTimeout` alone only warns:
 * `throwOnRequestTimeout` makes it end the try (`NodeHttpHandlerOptions` of the SDK).
 */
export function clientSettings(settings: ConnectionSettings, port: Port): ClientSettings {
  const { tryMs, maxTries } = limitsOf(settings, port)
  return {
    ...(settings.region !== undefined && { region: settings.region }),
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    maxAttempts: maxTries,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, tryMs),
      requestTimeout: tryMs,
      throwOnRequestTimeout: true,
    },
  }
}
