import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chooseGpu, findGpus } from '../../../lib/adapters/child-processes/gpus.ts'
import { makeStateDir, TestFleet } from './test-fleet.ts'

describe('finding GPUs', () => {
  let folder: string
  beforeEach(async () => {
    folder = await makeStateDir()
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** An `nvidia-smi` of the test's own, first in PATH. */
  function withNvidiaSmi(script: string): NodeJS.ProcessEnv {
    const file = join(folder, 'nvidia-smi')
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return { PATH: `${folder}:/usr/bin:/bin` }
  }
  const TWO = 'echo "0, GPU-aaaa-1"; echo "1, GPU-bbbb-2"'

  test('asks nvidia-smi for index and UUID', async () => {
    const env = withNvidiaSmi(`[ "$*" = "--query-gpu=index,uuid --format=csv,noheader" ] && ${TWO}`)
    expect(await findGpus(env)).toEqual(['GPU-aaaa-1', 'GPU-bbbb-2'])
  })

  test.each([
    ['1', ['GPU-bbbb-2']],
    ['GPU-bbbb,0', ['GPU-bbbb-2', 'GPU-aaaa-1']],
    ['MIG-7', ['MIG-7']],
    ['MIG-GPU-7a/1/0, MIG-7\r\n8', ['MIG-GPU-7a/1/0']],
    ['', []],
    ['-1', []],
  ])('keeps to CUDA_VISIBLE_DEVICES=%s', async (visible, expected) => {
    const env = { ...withNvidiaSmi(TWO), CUDA_VISIBLE_DEVICES: visible }
    expect(await findGpus(env)).toEqual(expected)
  })

  test('finds none where nvidia-smi is absent, fails or hangs', async () => {
    expect(await findGpus({ PATH: folder })).toEqual([])
    expect(await findGpus(withNvidiaSmi('echo "no driver"; exit 9'))).toEqual([])
    expect(await findGpus(withNvidiaSmi('exec sleep 60'))).toEqual([])
  })
})

describe('GPUs of workers', () => {
  let fleet: TestFleet
  afterEach(() => fleet.close())

  /** The GPU of each running worker, oldest first. */
  async function runningGpus(): Promise<unknown[]> {
    const running = (await fleet.present()).filter(({ state }) => state === 'running')
    const reports = await Promise.all(running.map(({ taskId }) => fleet.report(taskId)))
    return reports.map(({ env }) => env['CUDA_VISIBLE_DEVICES'])
  }

  test('each worker has one of its own; who finds none waits until one is given back', async () => {
    fleet = await TestFleet.open({
      gpus: ['GPU-0', 'GPU-1'],
      restartBackoff: { initialSeconds: 600 },
    })
    fleet.supervisor.deploy('v1')
    await fleet.supervisor.place('a', 'v1')
    await fleet.supervisor.setDesired('a', 3)
    const [first] = await fleet.present()
    expect(await runningGpus()).toEqual(['GPU-0', 'GPU-1'])
    expect((await fleet.supervisor.observe()).sides.a).toMatchObject({ running: 2, pending: 1 })
    process.kill((await fleet.report(first!.taskId)).pid, 'SIGKILL')
    await fleet.hasStopped(first!.taskId)
    expect(await runningGpus()).toEqual(['GPU-1', 'GPU-0'])
  })

  test('scale-in takes the worker that waits for a GPU first', async () => {
    fleet = await TestFleet.open({ gpus: ['GPU-0'] })
    fleet.supervisor.deploy('v1')
    await fleet.supervisor.place('a', 'v1')
    await fleet.supervisor.setDesired('a', 2)
    await fleet.supervisor.setDesired('a', 1)
    expect(await runningGpus()).toEqual(['GPU-0'])
    expect((await fleet.supervisor.observe()).sides.a).toMatchObject({ running: 1, pending: 0 })
  })

  test('are used in turn', () => {
    const gpus = ['0', '1', '2']
    expect(chooseGpu(gpus, new Set(), undefined)).toBe('0')
    expect(chooseGpu(gpus, new Set(), '0')).toBe('1')
    expect(chooseGpu(gpus, new Set(['0']), '2')).toBe('1')
    expect(chooseGpu(gpus, new Set(gpus), '2')).toBeUndefined()
  })
})
