import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { waitFor } from '../support/wait-for.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processesWith } from '../support/processes.ts'
import { bringNode, Installation, packPackage } from './installation.ts'

/** `npm run test:package`: it installs hundreds of megabytes. */
const isAsked = process.env['TEST_PACKAGE'] !== undefined
const NODES = ['20.20.2', '22.23.5', '24.21.0']
const SETUP_MS = 900_000
const RUN_MS = 180_000

const CLIENT = `
import { connect } from 'scalable-job'
const service = connect()
const training = await service.submit({
  taskType: 'command',
  command: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --hidden 4 --epochs 1',
})
await service.result(training.id, { waitSeconds: 20 })
const model = (await service.artifacts(training.id)).find(({ path }) => path === 'model.json')
const query = await service.submit({
  taskType: 'query',
  request: { path: '/predict', headers: { 'content-type': 'application/json' } },
  input: { modelUrl: model.url, images: [Array(64).fill(0)] },
})
const { status, body } = await service.result(query.id, { waitSeconds: 20 })
console.log(status, JSON.parse(body.toString()).digits.length)
`

const APP = `
import { App, Stack } from 'aws-cdk-lib'
import { readServiceFile, ScalableJob } from 'scalable-job/cdk'
const app = new App({ outdir: 'own.out' })
const service = readServiceFile('node_modules/scalable-job/dist/examples/digits/service.json')
const job = new ScalableJob(new Stack(app, 'Mine'), 'Digits', { service })
app.synth()
console.log(job.service.name)
`

const TYPED = `
import { App, Stack } from 'aws-cdk-lib'
import { connect, type Client, type Job } from 'scalable-job'
import { readServiceFile, ScalableJob } from 'scalable-job/cdk'
const client: Client = connect()
const job: Job = await client.submit({ taskType: 'command', command: 'nvidia-smi' })
const id: string = job.id
// @ts-expect-error a job has no colour
job.colour
// @ts-expect-error there is no such kind of job
void client.submit({ taskType: 'dance' })
new ScalableJob(new Stack(new App(), 'S'), 'J', { service: readServiceFile(id) })
`

describe.skipIf(!isAsked)('the package, installed from its tarball', () => {
  let root: string
  let tarball: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'scalable-job-package-'))
    tarball = await packPackage(root)
  }, SETUP_MS)
  afterAll(() => rm(root, { recursive: true, force: true }))

  describe.each(NODES)('on Node %s', (version) => {
    let installed: Installation | undefined
    let missing = ''
    beforeAll(async () => {
      try {
        const node = await bringNode(version)
        installed = await Installation.make(join(root, `node ${version}`), tarball, node)
      } catch (error) {
        if (process.env['CI'] !== undefined) throw error
        missing = `Node ${version} or the package cannot be installed: ${String(error)}`
      }
    }, SETUP_MS)
    afterAll(() => installed?.remove())
    beforeEach((context) => context.skip(installed === undefined, missing))

    const use = (): Installation => {
      if (installed === undefined) throw new Error(missing)
      return installed
    }

    test('runs there', async () => {
      expect(await use().node('--version')).toMatchObject({ output: `v${version}\n` })
      expect(await use().scalableJob('--version')).toMatchObject({ code: 0 })
    })

    test(
      'starts the example, runs a command and a query, and leaves nothing behind',
      {
        timeout: RUN_MS,
      },
      async () => {
        const service = await use().withService(['--port', '0'], async () => {
          const said = await use().scalableJob('submit', '--follow', '--', 'echo', 'hello')
          expect(said).toMatchObject({ code: 0, output: expect.stringContaining('hello\n') })
          await use().write('client.js', CLIENT)
          expect(await use().node('client.js')).toEqual({ code: 0, output: 'succeeded 1\n' })
          const listed = await use().scalableJob('list')
          expect(listed.output.match(/succeeded/g)).toHaveLength(3)
        })
        expect(service.code).toBe(0)
        expect(processesWith('HOME', use().folder)).toEqual([])
      },
    )

    test('leaves nothing behind where it is killed', { timeout: RUN_MS }, async () => {
      const { code } = await use().withService(['--port', '0'], async () => {}, 'SIGKILL')
      expect(code).toBe(-1)
      const { folder } = use()
      await waitFor('all to end', () => processesWith('HOME', folder).length === 0, 30_000)
    })

    test('writes the template of a service', { timeout: RUN_MS }, async () => {
      const example = 'node_modules/scalable-job/dist/examples/digits/service.json'
      expect(await use().scalableJob('synth', example)).toMatchObject({
        code: 0,
        output: expect.stringContaining('cdk.out/ScalableJob-digits.template.json'),
      })
    })

    test('says which service.json it misses', async () => {
      const { code, output } = await use().scalableJob('synth')
      expect(code).toBe(1)
      expect(output).toContain(join(use().folder, 'service.json'))
    })

    test('gives its construct to an app of your own', { timeout: RUN_MS }, async () => {
      await use().write('app.js', APP)
      expect(await use().node('app.js')).toMatchObject({
        code: 0,
        output: expect.stringContaining('digits\n'),
      })
    })

    test.each([
      ['nodenext', 'nodenext'],
      ['bundler', 'esnext'],
    ])('has types for the resolution %s', { timeout: RUN_MS }, async (moduleResolution, module) => {
      const compilerOptions = {
        target: 'es2024',
        module,
        moduleResolution,
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(import.meta.dirname, '../../node_modules/@types')],
      }
      await use().write('consumer.ts', TYPED)
      await use().write(
        'tsconfig.json',
        JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
      )
      expect(await use().compile('-p', '.')).toEqual({ code: 0, output: '' })
    })
  })
})
