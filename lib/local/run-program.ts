import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { ServiceError } from '../registry/errors.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const INHERIT: ('inherit' | 'ipc')[] = ['inherit', 'inherit', 'inherit']
/** Since this version Node has all that a service on one machine needs. */
const LEAST_MAJOR = 24
/** The name under which this command starts itself again; a mark, too, of who stands for another. */
const AGAIN = 'scalable-job'
/** As after SIGKILL. */
const PARENT_GONE = 137

/**
 * Runs what needs a newer Node than the other commands: in this process where its Node is new
 * enough, else by starting this command line again with the Node that was installed beside the
 * package.
 *
 * @returns the exit code
 * @throws ServiceError `unsupported-node` where there is none
 */
export function onServiceNode(run: () => Promise<number>): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < LEAST_MAJOR) return runAgainWith(findNode())
  endWithParent()
  return run()
}

/** Where this process stands for another one: that one killed is this one killed. */
function endWithParent(): void {
  if (process.argv0 !== AGAIN) return
  process.channel?.unref()
  process.once('disconnect', () => process.exit(PARENT_GONE))
}

/** npm installs one of these, by system and processor. It holds one file, and no script. */
function findNode(): string {
  const name = `node-${process.platform}-${process.arch}`
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/bin/node`)
    if (existsSync(file)) return file
  } catch {
    // It is not installed.
  }
  const message = `this needs Node ${LEAST_MAJOR} or later; this is Node ${process.versions.node}, and npm has not installed the package ${name}`
  throw new ServiceError('unsupported-node', message)
}

function runAgainWith(node: string): Promise<number> {
  const args = [...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(node, [node, ...args], process.env)
  // Node 20 cannot become another program. The channel closes with this process, however it ends.
  return follow(spawn(node, args, { argv0: AGAIN, stdio: [...INHERIT, 'ipc'] }))
}

/**
 * Runs a program as if it were this process: its output, its signals, its exit code.
 *
 * @throws Error when it cannot be started
 */
export function runProgram(file: string, args: readonly string[]): Promise<number> {
  return follow(spawn(file, args, { stdio: INHERIT }))
}

function follow(child: ChildProcess): Promise<number> {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to both, and a second one may mean something else.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
