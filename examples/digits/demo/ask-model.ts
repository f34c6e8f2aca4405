import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Client } from '../../../lib/client/client.ts'

const samplesSchema = z.array(z.object({ image: z.array(z.number()).length(64), digit: z.int() }))
export type Sample = z.infer<typeof samplesSchema>[number]

const answerSchema = z.object({ digits: z.array(z.int()), confidence: z.array(z.number()) })

/** What the model said of one image. */
export interface Prediction {
  readonly sample: Sample
  readonly digit: number
  readonly confidence: number
  /** From submit to answer. */
  readonly seconds: number
}

const WAIT_SECONDS = 20

/** Images that no training has seen, with the digits that people wrote. */
export async function readSamples(
  serviceDir: string,
  count: number,
  signal?: AbortSignal,
): Promise<Sample[]> {
  const script = join(serviceDir, 'train.py')
  const args = [script, '--print-heldout', String(count)]
  const { stdout } = await promisify(execFile)('python3', args, {
    timeout: 20_000,
    ...(signal && { signal }),
  })
  return samplesSchema.parse(JSON.parse(stdout))
}

/** One query job per image, all at once. */
export function askAll(
  client: Client,
  modelUrl: string,
  samples: readonly Sample[],
): Promise<Prediction[]> {
  return Promise.all(samples.map((sample) => ask(client, modelUrl, sample)))
}

async function ask(client: Client, modelUrl: string, sample: Sample): Promise<Prediction> {
  const startedMs = performance.now()
  const job = await client.submit({
    taskType: 'query',
    request: { path: '/predict', headers: { 'content-type': 'application/json' } },
    input: { modelUrl, images: [sample.image] },
  })
  const { body } = await client.result(job.id, { waitSeconds: WAIT_SECONDS })
  const { digits, confidence } = answerSchema.parse(JSON.parse(body.toString('utf8')))
  return {
    sample,
    digit: digits[0] ?? -1,
    confidence: confidence[0] ?? 0,
    seconds: (performance.now() - startedMs) / 1000,
  }
}
