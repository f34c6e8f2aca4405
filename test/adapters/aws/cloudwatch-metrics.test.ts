import { gunzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { CloudWatchMetrics } from '../../../lib/adapters/aws/cloudwatch-metrics.ts'
import type { Log, LogFields } from '../../../lib/ports/log.ts'
import type { MetricSample } from '../../../lib/ports/metrics.ts'
import {
  json,
  type Received,
  type Reply,
  type ScriptedServer,
  startScripted,
} from './scripted-server.ts'

let server: ScriptedServer | undefined
let metrics: CloudWatchMetrics | undefined

afterEach(async () => {
  await metrics?.close()
  await server?.stop()
})

class WarningLog implements Log {
  readonly warnings: LogFields[] = []
  debug(): void {}
  info(): void {}
  error(): void {}
  warn(_message: string, fields: LogFields = {}): void {
    this.warnings.push(fields)
  }
  with(): Log {
    return this
  }
}

async function openMetrics(reply: Reply) {
  const log = new WarningLog()
  server = await startScripted(() => reply)
  metrics = new CloudWatchMetrics({
    region: 'us-east-1',
    endpoint: server.endpoint,
    serviceName: 'digits',
    log,
    limits: { metrics: { tryMs: 300, callMs: 800, maxTries: 2 } },
  })
  return { opened: metrics, log }
}

function textOf({ headers, body }: Received): string {
  return String(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
}

const SAMPLE: MetricSample = {
  name: 'JobsWaiting',
  value: 3,
  atMs: Date.parse('2026-01-01T12:00:00.000Z'),
}
const TAKEN = json({})

test('samples reach CloudWatch to the second, under the name of the service', async () => {
  const { opened, log } = await openMetrics(TAKEN)
  await opened.emit([SAMPLE])
  expect(log.warnings).toEqual([])
  const [sent] = server?.received ?? []
  const text = sent === undefined ? '' : textOf(sent)
  for (const part of ['ScalableJob', 'JobsWaiting', 'Service', 'digits', 'StorageResolution']) {
    expect(text).toContain(part)
  }
})

test('at most a thousand samples go in one call', async () => {
  const { opened } = await openMetrics(TAKEN)
  await opened.emit(Array.from({ length: 2001 }, () => SAMPLE))
  expect(server?.received).toHaveLength(3)
})

test.each(['hang', 'drop', { status: 500, body: '' }] satisfies Reply[])(
  'what cannot be delivered is logged and never an error (%j)',
  async (reply) => {
    const { opened, log } = await openMetrics(reply)
    await opened.emit([SAMPLE])
    expect(log.warnings).toMatchObject([{ samples: 1 }])
  },
)

test('nothing to say is no call', async () => {
  const { opened } = await openMetrics(TAKEN)
  await opened.emit([])
  expect(server?.received).toEqual([])
})
