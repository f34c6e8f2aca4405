/**
 * The scaler's program on Lambda: environment → adapters → looks.
 *
 * A rule starts it each minute; it then looks every `timing.lookSeconds` until the minute is over. A
 * kick starts it for one look. Neither is retried, and an event that waited for over a minute is
 * dropped: the next minute brings the next look. Runs may overlap; the lock in the table lets one
 * look at a time act.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { awsSettingsFromEnv } from '../lib/adapters/aws/aws-settings-from-env.ts'
import { openAws } from '../lib/adapters/aws/open-aws.ts'
import { sizeMachines } from '../lib/adapters/aws/autoscaling/asg-sized-fleet.ts'
import { isKickEvent } from '../lib/registry/agreements.ts'
import { readService } from '../lib/service/serialised-service.ts'
import { makeJsonLog } from '../lib/adapters/node/json-log.ts'
import { systemClock } from '../lib/adapters/node/system-clock.ts'
import { functionSettingsFromEnv } from '../lib/adapters/aws/function-settings.ts'
import { endOfMinute, lookOnKick, runLooks } from '../lib/scaler/look/run-looks.ts'
import type { ScalerDeps } from '../lib/scaler/look/scaler-deps.ts'

const deps = openDeps()

export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const { signal } = new AbortController() // a look is never cut; the loop ends by its deadline
  if (isKickEvent(event)) {
    await lookOnKick(deps, signal)
    return
  }
  const endMonotonicMs = endOfMinute(systemClock, context.getRemainingTimeInMillis())
  await runLooks(deps, { signal, endMonotonicMs })
}

function openDeps(): ScalerDeps {
  const settings = functionSettingsFromEnv(process.env)
  const service = readService(readFileSync(settings.serviceFile, 'utf8'), settings.serviceFile)
  const write = (line: string): void => void process.stdout.write(line)
  const log = makeJsonLog({ write, level: settings.logLevel, fields: { service: service.name } })
  const where = awsSettingsFromEnv(process.env)
  const aws = openAws({ ...where, serviceName: service.name, log })
  const fleet = sizeMachines(aws.fleet, where, log)
  return { ...aws, fleet, service: () => service, clock: systemClock, log, owner: randomUUID() }
}
