/**
 * The API's program on Lambda: environment → adapters → the same app as on one machine.
 *
 * Behind an HTTP API an answer cannot be streamed and ends after 30 s: whoever follows a log or waits
 * for a result asks again every 20 s. The authorizer guards the door; each request is checked here
 * again, which also tells whose it is.
 */
import { readFileSync } from 'node:fs'
import { awsSettingsFromEnv } from '../lib/adapters/aws/aws-settings-from-env.ts'
import type { StoreSettings } from '../lib/adapters/aws/aws-settings.ts'
import { LambdaKick } from '../lib/adapters/aws/lambda-kick.ts'
import { openAws } from '../lib/adapters/aws/open-aws.ts'
import { SecretText } from '../lib/adapters/aws/secret-text.ts'
import { makeIdGenerator } from '../lib/job/job-id.ts'
import { readService } from '../lib/service/serialised-service.ts'
import { makeJsonLog } from '../lib/adapters/node/json-log.ts'
import { systemClock } from '../lib/adapters/node/system-clock.ts'
import { TokenSource } from '../lib/api/auth/token-source.ts'
import { apiSettingsFromEnv } from '../lib/adapters/aws/function-settings.ts'
import { answerEvent } from '../lib/api/event/answer-event.ts'
import type { HttpEvent, HttpResult } from '../lib/api/event/http-event.ts'
import { makeApp } from '../lib/api/make-app.ts'

/** A request has 29 s in all, so a store that hangs must be given up well before. */
const LIMITS = {
  files: { tryMs: 4000, callMs: 9000, maxTries: 3 },
} satisfies StoreSettings['limits']

const parts = openParts()

export const handler = (event: HttpEvent): Promise<HttpResult> => answerEvent(parts, event)

function openParts() {
  const settings = apiSettingsFromEnv(process.env)
  const service = readService(readFileSync(settings.serviceFile, 'utf8'), settings.serviceFile)
  const write = (line: string): void => void process.stdout.write(line)
  const log = makeJsonLog({ write, level: settings.logLevel, fields: { service: service.name } })
  const aws = openAws({
    ...awsSettingsFromEnv(process.env),
    limits: LIMITS,
    serviceName: service.name,
    log,
  })
  const secret = new SecretText({}, settings.tokenSecret)
  const tokens = new TokenSource({ read: () => secret.read(), clock: systemClock, log })
  const app = makeApp({
    ...aws,
    service,
    kick: new LambdaKick({ settings: {}, functionName: settings.scalerFunction, log }),
    clock: systemClock,
    log,
    newId: makeIdGenerator({ now: () => systemClock.now(), random: Math.random }),
    tokens: () => tokens.current(),
    canStream: false,
    version: settings.apiVersion,
  })
  return { fetch: (request: Request) => app.fetch(request), tokens }
}
