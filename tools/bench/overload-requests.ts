import { encodeJobCursor } from '../../lib/api/contract/list-query.ts'
import { residentMib } from './bench-service.ts'
import { timeEach, type Timing, toTiming } from './measure.ts'
import type { OverloadService } from './overload-service.ts'

/** Above every id that is given before the year 2100, and just above the first of a folder. */
const BURST_SECONDS = 4
const BURST_CLIENTS = 32

export interface Figures {
  readonly timings: Readonly<Record<string, Timing>>
  readonly submitsPerSecond: number
  /** Submits while `BURST_CLIENTS` send as fast as they can. */
  readonly burst: Timing
  /** Health, list and output while they do. */
  readonly beside: Readonly<Record<string, Timing>>
  readonly residentMib: number
}

/** What callers of the API feel, over HTTP, one call after the other, and then under a burst. */
export async function measureRequests(
  service: OverloadService,
  oldestId: string,
): Promise<Figures> {
  const { client } = service
  const ids: string[] = []
  const submit = async () => {
    const { id } = await client.submit({ taskType: 'query', input: {} })
    ids.push(id)
  }
  const lastPage = { limit: 50, cursor: encodeJobCursor(String(BigInt(oldestId) + 1n)) }
  const timings: Record<string, Timing> = {
    submit: await timeEach(200, submit),
    'get a job': await timeEach(200, () => client.get(oldestId)),
    'list, first page': await timeEach(50, () => client.list({ limit: 50 })),
    'list, waiting only': await timeEach(50, () => client.list({ status: 'queued' })),
    'list, a tag that nothing has': await timeEach(20, () => client.list({ tag: 'no:thing' })),
    'list, last page': await timeEach(50, () => client.list(lastPage)),
    'GET /service': await timeEach(30, () => client.service()),
    'GET /metrics': await timeEach(20, () => readMetrics(service)),
    'receive 10 of the output': await timeEach(30, () => client.output({ max: 10 })),
    cancel: await timeEach(100, () => client.cancel(ids.pop() ?? oldestId)),
  }
  const { burst, beside, submitsPerSecond } = await measureBurst(service)
  return { timings, burst, beside, submitsPerSecond, residentMib: residentMib(service.pid) }
}

async function readMetrics({ client, token }: OverloadService): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  await (await fetch(`${client.url}/metrics`, { headers })).text()
}

/** Many clients submit without a pause; a reader asks beside them. */
export async function measureBurst({ client }: OverloadService) {
  const startMs = performance.now()
  const endMs = startMs + BURST_SECONDS * 1000
  const submits: number[] = []
  const reads: Record<string, number[]> = { health: [], list: [], output: [] }
  const repeat = async (times: number[], run: () => Promise<unknown>) => {
    while (performance.now() < endMs) {
      const sentMs = performance.now()
      await run()
      times.push(performance.now() - sentMs)
    }
  }
  const submit = () => client.submit({ taskType: 'query', input: {} })
  await Promise.all([
    ...Array.from({ length: BURST_CLIENTS }, () => repeat(submits, submit)),
    repeat(reads['health'] ?? [], () => client.health()),
    repeat(reads['list'] ?? [], () => client.list({ limit: 50 })),
    repeat(reads['output'] ?? [], () => client.output({ max: 10 })),
  ])
  const beside = Object.entries(reads).map(([name, times]) => [name, toTiming(times)] as const)
  return {
    burst: toTiming(submits),
    beside: Object.fromEntries(beside),
    submitsPerSecond: submits.length / BURST_SECONDS,
    seconds: (performance.now() - startMs) / 1000,
  }
}
