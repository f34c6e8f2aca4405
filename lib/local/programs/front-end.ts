import process from 'node:process'
import { GuardPool } from '../../processes/guard-pool.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { ModelServer } from '../../../worker/query/model-server.ts'
import { ENV } from '../../registry/env.ts'
import type { Service } from '../../service/service.ts'
import { systemClock } from '../../adapters/node/system-clock.ts'
import type { Log } from '../../ports/log.ts'
import { inheritedEnv } from '../../registry/inherited-env.ts'

export interface FrontEndSettings {
  readonly service: Service
  readonly serviceDir: string
  readonly apiUrl: string
  readonly token: string
  readonly log: Log
}

/**
 * The resident front end of a `ScalableJobService`, as a process on its own port, with the address
 * and the token of the service in its environment. Started again when it ends, and gone when this
 * process is, whatever ends it.
 *
 * @returns undefined where the service has none that could be started without its image
 */
export function startFrontEnd(settings: FrontEndSettings): ModelServer | undefined {
  const { service, serviceDir, apiUrl, token, log } = settings
  const { frontEnd } = service
  if (frontEnd?.command === undefined) return undefined
  return new ModelServer({
    command: frontEnd.command,
    cwd: serviceDir,
    port: frontEnd.port,
    startSeconds: service.container.startSeconds,
    env: {
      ...inheritedEnv(process.env),
      ...frontEnd.env,
      PORT: String(frontEnd.port),
      [ENV.apiUrl.name]: apiUrl,
      [ENV.token.name]: token,
      [ENV.serviceDir.name]: serviceDir,
    },
    guards: new GuardPool(),
    clock: systemClock,
    pace: makePace(),
    log: log.with({ part: 'front end' }),
    onChange: () => undefined,
  })
}
