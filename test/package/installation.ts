import { execFile, spawn } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { waitFor } from '../support/wait-for.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CACHE = join(ROOT, '.cache')
const INSTALL_MS = 600_000
const run = promisify(execFile)

interface Ended {
  readonly code: number
  readonly output: string
}

/** Makes the tarball that would be published. @returns its path */
export async function packPackage(folder: string): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', args, { cwd: ROOT, timeout: INSTALL_MS })
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }]
  return join(folder, packed.filename)
}

/**
 * Brings a version of Node, once.
 *
 * @returns the folder of its program
 * @throws Error when the registry of npm has it not, or cannot be reached
 */
export async function bringNode(version: string): Promise<string> {
  const folder = join(CACHE, 'nodes', version)
  const name = `node-${process.platform}-${process.arch}`
  const bin = join(folder, 'node_modules', name, 'bin')
  const isThere = await run(join(bin, 'node'), ['--version']).catch(() => undefined)
  if (isThere === undefined) {
    await mkdir(folder, { recursive: true })
    await install(folder, `${name}@${version}`)
  }
  return bin
}

/** A folder of a user, empty but for what npm puts there, with the Node that they have. */
export class Installation {
  readonly folder: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(folder: string, nodeFolder: string) {
    this.folder = folder
    const path = [nodeFolder, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter)
    // Nothing of this repository, such as its own Node, may help.
    this.#env = { PATH: path, HOME: folder }
  }

  static async make(folder: string, tarball: string, nodeFolder: string): Promise<Installation> {
    await mkdir(folder)
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    const installation = new Installation(folder, nodeFolder)
    await install(folder, tarball, installation.#env['PATH'])
    return installation
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text)
  }

  node(...args: string[]): Promise<Ended> {
    return this.#run('node', args)
  }

  /** `npx scalable-job …` */
  scalableJob(...args: string[]): Promise<Ended> {
    return this.#run(this.#program, args)
  }

  /** The compiler is no part of the package. */
  compile(...args: string[]): Promise<Ended> {
    return this.#run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args])
  }

  /**
   * Runs a service while `use` lasts, and ends it as Ctrl-C does, or as told.
   *
   * @returns what it printed
   */
  async withService(
    args: readonly string[],
    use: () => Promise<void>,
    signal: NodeJS.Signals = 'SIGINT',
  ): Promise<Ended> {
    const { folder: cwd } = this
    const child = spawn(this.#program, ['start', ...args], { cwd, env: this.#env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const ended = new Promise<number>((end) => child.once('exit', (code) => end(code ?? -1)))
    try {
      await waitFor('the service', () => output.includes('API '), 60_000)
      await use()
    } finally {
      child.kill(signal)
    }
    return { code: await ended, output }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }

  get #program(): string {
    return join(this.folder, 'node_modules/.bin/scalable-job')
  }

  async #run(file: string, args: readonly string[]): Promise<Ended> {
    const options = { cwd: this.folder, env: this.#env, timeout: 120_000 }
    try {
      const { stdout, stderr } = await run(file, args, options)
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: `${stdout}${stderr}` }
    }
  }
}

/** With the settings of npm, and the way to its registry, that this process has. */
async function install(folder: string, what: string, PATH = process.env['PATH']): Promise<void> {
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--cache', join(CACHE, 'npm')]
  await run('npm', ['install', ...flags, '--prefix', folder, what], {
    cwd: folder,
    env: { ...process.env, PATH },
    timeout: INSTALL_MS,
  })
}
