import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { runInNamespace } from '../../../tools/mutate/pid-namespace.ts'

const options = { cwd: import.meta.dirname, timeoutMs: 20_000 }

function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasNamespaces())('a program in a PID namespace of its own', () => {
  test('says how it ended, and what it said', async () => {
    const script = 'echo out; echo err >&2; exit 3'
    expect(await runInNamespace(['bash', '-c', script], options)).toEqual({
      code: 3,
      isTimedOut: false,
      output: expect.stringMatching(/^(out\nerr|err\nout)\n$/),
    })
  })

  test('sees no process of the machine, and can end none', async () => {
    const other = spawn('sleep', ['60'])
    const script = `ls -d /proc/[0-9]*/; kill ${other.pid} 2> /dev/null || echo refused`
    const { output } = await runInNamespace(['bash', '-c', script], options)
    expect(output).toMatch(/refused\n$/)
    expect(output.match(/\/proc\/\d+\//g)?.length).toBeLessThan(5)
    expect(other.exitCode).toBeNull()
    other.kill()
    await once(other, 'exit')
  })

  test('ends when its time is over, with all that it started', async () => {
    const script = 'setsid sleep 61 & sleep 62'
    const run = await runInNamespace(['bash', '-c', script], { ...options, timeoutMs: 300 })
    expect(run).toMatchObject({ isTimedOut: true, code: null })
  })
})

test('where no namespace can be had, nothing runs', async () => {
  const env = { PATH: '/nowhere' }
  await expect(runInNamespace(['true'], { ...options, env })).rejects.toThrow(/ENOENT/)
})
