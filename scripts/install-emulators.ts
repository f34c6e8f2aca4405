/**
 * Installs the AWS emulators that `lib/aws` is tested against into `.cache/emulators`: a Python
 * environment of its own, with exact versions. Quick when they are there already; two runs at a
 * time wait for each other. Needs Python ≥ 3.10 with `venv`, and the Python package index.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const PACKAGES = [
  'ministack==1.4.21',
  'moto[server]==5.2.5',
  // Older ones break off the 412 answers of conditional writes.
  'hypercorn==0.18.0',
]

const CACHE = resolve(import.meta.dirname, '../.cache')
const TARGET = join(CACHE, 'emulators')
/** Written last: what it names is installed. */
const MARKER = join(TARGET, 'installed.txt')
const LOCK = join(CACHE, 'emulators.lock')

const VENV_MS = 60_000
const INSTALL_MS = 300_000
const LOCK_POLL_MS = 500

const run = promisify(execFile)

async function isInstalled(): Promise<boolean> {
  if (!existsSync(MARKER)) return false
  return (await readFile(MARKER, 'utf8')) === PACKAGES.join('\n')
}

async function install(): Promise<void> {
  await rm(TARGET, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', TARGET], { timeout: VENV_MS })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input']
  await run(join(TARGET, 'bin', 'python'), [...pip, ...PACKAGES], { timeout: INSTALL_MS })
  await writeFile(MARKER, PACKAGES.join('\n'))
}

/** Takes the lock, or answers false while a living process holds it. */
async function tryLock(): Promise<boolean> {
  try {
    await writeFile(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const holder = Number(await readFile(LOCK, 'utf8').catch(() => ''))
    if (!isAlive(holder)) await rm(LOCK, { force: true })
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

async function main(): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const deadline = Date.now() + VENV_MS + INSTALL_MS
  while (!(await isInstalled())) {
    if (Date.now() > deadline) throw new Error(`${LOCK} is held by another installation`)
    if (!(await tryLock())) {
      await sleep(LOCK_POLL_MS)
      continue
    }
    try {
      if (!(await isInstalled())) await install()
    } finally {
      await rm(LOCK, { force: true })
    }
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
