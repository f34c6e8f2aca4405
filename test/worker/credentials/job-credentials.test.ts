import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeBaseEnv } from '../../../worker/command/job-env.ts'
import type { WorkerDeps } from '../../../worker/loop/worker-deps.ts'
import { hasEmulators } from '../../adapters/aws/emulator.ts'
import { aCommandService, type Bench, openBench } from '../support/a-bench.ts'
import { FakeJobCredentials } from '../support/fake-job-credentials.ts'
import { program } from '../support/programs.ts'

const PYTHON = join(resolve(import.meta.dirname, '../../..'), '.cache/emulators/bin/python')
const BOTOCORE = [
  'import botocore.session, json',
  'found = botocore.session.get_session().get_credentials()',
  'frozen = found.get_frozen_credentials()',
  'print(json.dumps({"accessKeyId": frozen.access_key, "method": found.method}))',
].join('\n')

/** What ECS and the task definition set for a worker. */
const WORKER_ENV = {
  PATH: process.env['PATH'],
  AWS_REGION: 'us-east-1',
  AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/secret-of-the-task',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'secret-of-the-task',
  ECS_CONTAINER_METADATA_URI: 'http://169.254.170.2/v3/secret-of-the-task',
  ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/secret-of-the-task',
  ECS_AGENT_URI: 'http://169.254.170.2/api/secret-of-the-task',
  SCALABLE_JOB_JOB_ROLE: 'arn:aws:iam::123456789012:role/secret-of-the-task',
}

describe('the programs of a worker', () => {
  let bench: Bench
  let issuer: FakeJobCredentials

  beforeEach(async () => {
    bench = await openBench()
    issuer = new FakeJobCredentials()
  })
  afterEach(() => bench.close())

  const startWorker = (more: Partial<WorkerDeps> = {}) =>
    bench.startWorker({
      jobCredentials: issuer,
      baseEnv: makeBaseEnv(WORKER_ENV, 'container'),
      ...more,
    })
  const run = async (command: string): Promise<string> => {
    const { id } = await bench.submit(command)
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded' })
    return bench.text(job)
  }

  it('see nothing that leads to the role of their task, and keep the region', async () => {
    startWorker()
    const seen = await run('env')
    expect(seen).not.toContain('secret-of-the-task')
    expect(seen).toContain('AWS_REGION=us-east-1\n')
    expect(seen).toContain('AWS_EXECUTION_ENV=AWS_ECS_EC2\n')
    expect(seen).toContain('AWS_EC2_METADATA_DISABLED=true\n')
    expect(seen).toMatch(/^AWS_CONTAINER_CREDENTIALS_FULL_URI=http:\/\/127\.0\.0\.1:\d+\/.+$/m)
  })

  it('get the credentials of their job by the environment alone: AWS SDK for JavaScript', async () => {
    startWorker()
    const { id } = await bench.submit(program('shows-credentials'))
    const job = await bench.ended(id)
    expect(JSON.parse(await bench.text(job))).toMatchObject({
      accessKeyId: `job-${id}-1`,
      sessionToken: 'session 1',
    })
    expect(issuer.issued).toEqual([{ kind: 'job', jobId: id, attempt: 1 }])
  })

  it.skipIf(!hasEmulators)('… and botocore, which the AWS CLI and boto3 are made of', async () => {
    startWorker()
    const { id } = await bench.submit(`exec ${PYTHON} -c '${BOTOCORE}'`)
    const job = await bench.ended(id)
    const found: unknown = JSON.parse(await bench.text(job))
    expect(found).toEqual({ accessKeyId: `job-${id}-1`, method: 'container-role' })
  })

  it('have different ones while they run beside each other in one worker', async () => {
    const service = aCommandService({
      slots: { command: 2, query: 0, queriesBesideCommand: false },
    })
    startWorker({ service })
    const both = await Promise.all([
      bench.submit(program('shows-credentials')),
      bench.submit(program('shows-credentials')),
    ])
    for (const { id } of both) {
      const job = await bench.ended(id)
      expect(await bench.text(job)).toContain(`"job-${id}-1"`)
    }
  })

  it('that need no credentials cost no call, and run while AWS gives none', async () => {
    issuer.isAway = true
    startWorker()
    expect(await run('echo done')).toBe('done\n')
    expect(issuer.issued).toEqual([])
  })

  it('that do need them are told so while AWS gives none, and nothing else happens to them', async () => {
    issuer.isAway = true
    startWorker()
    const ask = `curl -s -o - -w ' %{http_code}' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"`
    expect(await run(ask)).toMatch(/CredentialsUnavailable.* 503$/m)
  })

  it('that set credentials of their own have those', async () => {
    startWorker()
    const { id } = await bench.submit(program('shows-credentials'), {
      env: { AWS_ACCESS_KEY_ID: 'own', AWS_SECRET_ACCESS_KEY: 'own' },
    })
    expect(await bench.text(await bench.ended(id))).toContain('"accessKeyId":"own"')
  })

  it('that start with the worker have those of the service, which are no job’s', async () => {
    const initCommand = `${program('shows-credentials').replace('exec ', '')} > ${bench.root}/init`
    const container = { image: 'digits', initCommand, env: {}, startSeconds: 10 }
    startWorker({ service: aCommandService({ container }) })
    expect(await run(`cat ${bench.root}/init`)).toContain('"accessKeyId":"service"')
    expect(issuer.issued).toMatchObject([{ kind: 'service' }])
  })

  it('hold none on one machine', async () => {
    bench.startWorker()
    expect(await run('env')).not.toMatch(/^AWS_/m)
  })
})
