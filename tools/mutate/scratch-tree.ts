import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Folders that are too large to copy, and that no test changes. */
const LINKED = ['node_modules', '.cache']

/** All files of the working tree, new ones included, from its root. */
export function listFiles(root: string): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0')
  return names.filter((name) => name !== '' && existsSync(join(root, name)))
}

/** A copy of the working tree into which faults are put. */
export class ScratchTree {
  readonly root: string
  /** Where its tests put what they need; empty before each run. */
  readonly temporary: string

  constructor(from: string, to: string) {
    this.root = join(to, 'tree')
    this.temporary = join(to, 'tmp')
    for (const file of listFiles(from)) {
      mkdirSync(dirname(join(this.root, file)), { recursive: true })
      cpSync(join(from, file), join(this.root, file))
    }
    for (const name of LINKED) {
      if (!existsSync(join(from, name))) continue
      rmSync(join(this.root, name), { recursive: true, force: true })
      symlinkSync(realpathSync(join(from, name)), join(this.root, name))
    }
  }

  /** Gives one file another text while `action` runs. */
  async changed<T>(file: string, text: string, action: () => Promise<T>): Promise<T> {
    const path = join(this.root, file)
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, text)
    try {
      return await action()
    } finally {
      writeFileSync(path, before)
    }
  }

  clearTemporary(): void {
    rmSync(this.temporary, { recursive: true, force: true })
    mkdirSync(this.temporary, { recursive: true })
  }
}
