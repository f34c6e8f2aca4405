import { readFileSync } from 'node:fs'

/** One line that a job, or the model server for it, has appended to the file of effects. */
export interface Effect {
  readonly at: number
  readonly jobId: string
  readonly attempt: number
  readonly effect: 'start' | 'alive' | 'end'
  readonly taskId: string
}

export function readEffects(file: string): Effect[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at = '', jobId = '', attempt = '', effect = '', taskId = ''] = line.split(' ')
      return { at: Number(at), jobId, attempt: Number(attempt), effect, taskId } as Effect
    })
}
