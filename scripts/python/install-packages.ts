import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const CACHE = resolve(import.meta.dirname, '../../.cache')
const VENV_MS = 60_000
const INSTALL_MS = 300_000
const LOCK_POLL_MS = 500

const run = promisify(execFile)

export interface PythonPackages {
  /** Folder below `.cache`. */
  readonly name: string
  /** Exact versions, as pip takes them. */
  readonly packages: readonly string[]
}

/**
 * Installs Python packages into `.cache/<name>`, an environment of their own. Quick when they are
 * there already; two runs at a time wait for each other. Needs Python ≥ 3.10 with `venv`, and the
 * Python package index.
 *
 * @throws Error when one of these is missing, or another installation does not end
 */
export async function installPackages(wanted: PythonPackages): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const lock = join(CACHE, `${wanted.name}.lock`)
  const deadline = Date.now() + VENV_MS + INSTALL_MS
  while (!(await isInstalled(wanted))) {
    if (Date.now() > deadline) throw new Error(`${lock} is held by another installation`)
    if (!(await tryLock(lock))) {
      await sleep(LOCK_POLL_MS)
      continue
    }
    try {
      if (!(await isInstalled(wanted))) await install(wanted)
    } finally {
      await rm(lock, { force: true })
    }
  }
}

/** Written last: what it names is installed. */
function markerOf({ name }: PythonPackages): string {
  return join(CACHE, name, 'installed.txt')
}

async function isInstalled(wanted: PythonPackages): Promise<boolean> {
  const marker = markerOf(wanted)
  if (!existsSync(marker)) return false
  return (await readFile(marker, 'utf8')) === wanted.packages.join('\n')
}

async function install(wanted: PythonPackages): Promise<void> {
  const { name, packages } = wanted
  const target = join(CACHE, name)
  await rm(target, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', target], { timeout: VENV_MS })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input']
  await run(join(target, 'bin', 'python'), [...pip, ...packages], { timeout: INSTALL_MS })
  await writeFile(markerOf(wanted), packages.join('\n'))
}

/** Takes the lock, or answers false while a living process holds it. */
async function tryLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (!isAlive(holder)) await rm(lock, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
