import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** A function whose emulator was killed must not live on by itself. */
const END_WITH_STDIN = "data:text/javascript,process.stdin.once('end',()=>process.exit())"

/**
 * The emulator runs `node <folder>/_worker.js` for a function, with its code in `<folder>/code`.
 * This `node` is the one that runs the tests, and starts in the folder of the code, as Lambda does
 * (`LAMBDA_TASK_ROOT`. Source: AWS Lambda Developer Guide, "Working with Lambda environment
 * variables").
 *
 * @returns `PATH` for the emulator
 */
export async function installLambdaNode(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'node')
  const script = [
    '#!/bin/sh',
    'cd "$(dirname "$1")/code" || exit 1',
    `exec '${process.execPath}' --import "${END_WITH_STDIN}" "$@"`,
  ]
  await writeFile(file, `${script.join('\n')}\n`)
  await chmod(file, 0o755)
  return [folder, process.env['PATH']].join(delimiter)
}
