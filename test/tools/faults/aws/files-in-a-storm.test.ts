import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { S3Files } from '../../../../lib/adapters/aws/s3/s3-files.ts'
import { PortUnavailable } from '../../../../lib/ports/port-unavailable.ts'
import { hasEmulators } from '../../../adapters/aws/emulator.ts'
import { uniqueName } from '../../../contracts/define-contract.ts'
import { waitFor } from '../../../support/wait-for.ts'
import type { PlannedFault } from '../../../../tools/faults/aws/fault-plan.ts'
import {
  type AwsStand,
  type FaultyWay,
  openAwsStand,
} from '../../../../tools/faults/aws/open-aws-stand.ts'
import { putConflict } from '../../../../tools/faults/aws/other-faults.ts'
import { always, makeStorm } from '../../../../tools/faults/aws/storms.ts'
import { answerCut, answerLost } from '../../../../tools/faults/aws/transport-faults.ts'

const SEED = 43
const BODY = 'x'.repeat(100_000)

describe.skipIf(!hasEmulators)('the file store, while its calls fail', () => {
  let stand: AwsStand
  let way: FaultyWay
  let files: S3Files
  let truth: S3Files

  beforeAll(async () => {
    stand = await openAwsStand()
    truth = new S3Files({ settings: stand.direct, newToken: () => randomUUID() })
  })
  afterAll(async () => {
    await truth?.close()
    await stand?.close()
  })
  afterEach(() => files.close())

  async function openFiles(faults: PlannedFault[]): Promise<void> {
    way = await stand.behind(SEED, faults)
    const limits = { files: { tryMs: 400, callMs: 2000, maxTries: 3 } }
    files = new S3Files({ settings: { ...way.settings, limits }, newToken: () => randomUUID() })
  }

  test('a file that breaks off is an error of the store, for whoever reads it whole or in pieces', async () => {
    const key = uniqueName('cut')
    await truth.put({ key, body: BODY })
    await openFiles(always(answerCut))
    await expect(files.read(key, BODY.length)).rejects.toBeInstanceOf(PortUnavailable)
    const found = await files.stream(key)
    await expect(buffer(found?.body ?? Readable.from([]))).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('a file that breaks off before anybody reads it ends no process, and is no empty file', async () => {
    const key = uniqueName('unread')
    await truth.put({ key, body: BODY })
    await openFiles(always(answerCut))
    const found = await files.stream(key)
    await waitFor('the break', () => way.proxy.counts.get(answerCut.kind) === 1)
    for (let turn = 0; turn < 20; turn += 1) await nextTurn()
    await expect(buffer(found?.body ?? Readable.from([]))).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('a put whose every answer is lost is an error, though the file is there whole', async () => {
    const key = uniqueName('unanswered')
    await openFiles(always(answerLost))
    await expect(files.put({ key, body: BODY })).rejects.toBeInstanceOf(PortUnavailable)
    expect(String(await truth.read(key, BODY.length))).toBe(BODY)
  })

  test('of puts that must not replace, one is stored, whatever becomes of the answers', async () => {
    await openFiles([{ fault: putConflict, share: 0.3 }, ...makeStorm(Date.now)])
    const key = uniqueName('once')
    const bodies = Array.from({ length: 6 }, (_, at) => `writer ${at}`)
    const outcomes = await Promise.allSettled(
      bodies.map((body) => files.put({ key, body, ifAbsent: true })),
    )
    const stored = bodies.filter((_, at) => {
      const outcome = outcomes[at]
      return outcome?.status === 'fulfilled' && outcome.value === 'stored'
    })
    const standing = String(await truth.read(key, 100))
    expect(bodies).toContain(standing)
    expect([[], [standing]]).toContainEqual(stored)
  })
})
