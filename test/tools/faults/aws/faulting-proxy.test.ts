import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { type ScriptedServer, startScripted } from '../../../adapters/aws/scripted-server.ts'
import { FaultPlan, type PlannedFault } from '../../../../tools/faults/aws/fault-plan.ts'
import {
  type FaultingProxy,
  startFaultingProxy,
} from '../../../../tools/faults/aws/faulting-proxy.ts'
import { roll } from '../../../../tools/faults/aws/roll.ts'
import { throttled } from '../../../../tools/faults/aws/service-errors.ts'
import { always } from '../../../../tools/faults/aws/storms.ts'
import {
  answerCut,
  answerLost,
  requestLost,
} from '../../../../tools/faults/aws/transport-faults.ts'

let upstream: ScriptedServer | undefined
let proxy: FaultingProxy | undefined

afterEach(async () => {
  await proxy?.stop()
  await upstream?.stop()
})

const BYTES = randomBytes(4096)

async function openProxy(seed: number, planned: PlannedFault[]): Promise<FaultPlan> {
  upstream = await startScripted(() => ({ status: 200, body: BYTES }))
  const { endpoint } = upstream
  const plan = new FaultPlan(seed, planned)
  proxy = await startFaultingProxy({ plan, upstreamOf: () => endpoint })
  return plan
}

/** As an SDK client asks for a row. */
function ask(): Promise<Response> {
  const headers = { 'x-amz-target': 'DynamoDB_20120810.GetItem' }
  return fetch(proxy?.endpoint ?? '', { method: 'POST', body: '{}', headers })
}

async function statusesOf(seed: number): Promise<number[]> {
  await openProxy(seed, [{ fault: throttled, share: 0.5 }])
  const statuses: number[] = []
  for (let count = 0; count < 30; count += 1) statuses.push((await ask()).status)
  await proxy?.stop()
  await upstream?.stop()
  return statuses
}

test('the same seed breaks the same calls, another seed others', async () => {
  const first = await statusesOf(1)
  expect(new Set(first)).toEqual(new Set([200, 400]))
  expect(await statusesOf(1)).toEqual(first)
  expect(await statusesOf(2)).not.toEqual(first)
})

test('rolls are spread evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0)
  for (let count = 0; count < 10_000; count += 1) {
    const tenth = Math.floor(roll(7, 'dynamodb PutItem', count) * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const found of tenths) expect(Math.abs(found - 1000)).toBeLessThan(150)
})

test('what it lets through arrives byte by byte', async () => {
  await openProxy(1, [])
  const answer = await ask()
  expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true)
  expect(proxy?.counts.size).toBe(0)
})

test('an answer is lost after the call took effect, a request before', async () => {
  await openProxy(1, always(answerLost))
  await expect(ask()).rejects.toThrow('fetch failed')
  expect(upstream?.received).toHaveLength(1)
  expect(proxy?.counts.get(answerLost.kind)).toBe(1)
  await proxy?.stop()
  await upstream?.stop()
  await openProxy(1, always(requestLost))
  await expect(ask()).rejects.toThrow('fetch failed')
  expect(upstream?.received).toHaveLength(0)
})

test('an answer that is cut short is never taken for whole', async () => {
  await openProxy(1, always(answerCut))
  const answer = await ask()
  await expect(answer.arrayBuffer()).rejects.toThrow('terminated')
})

test('an outage breaks every call of a service until it ends, and calm breaks none', async () => {
  const plan = await openProxy(1, [])
  plan.beginOutage('dynamodb', throttled)
  expect((await ask()).status).toBe(400)
  plan.endOutage('dynamodb')
  expect((await ask()).status).toBe(200)
  plan.beginOutage('dynamodb', throttled)
  plan.calm()
  expect((await ask()).status).toBe(200)
})
