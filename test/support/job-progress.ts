import type { Client } from '../../lib/client/client.ts'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { isEnded } from '../../lib/job/job.ts'
import { waitFor } from './wait-for.ts'

/** Waits for the end of a job, as the API tells it. */
export function waitForEnd(client: Client, id: string, withinMs?: number): Promise<JobView> {
  const ask = async () => {
    const job = await client.get(id)
    return isEnded(job.status) && job
  }
  return waitFor(`the end of job ${id}`, ask, withinMs)
}

/** Waits until the job's log has a line with this text. */
export function waitForLog(client: Client, id: string, text: string): Promise<boolean> {
  return waitFor(`"${text}" in the log of job ${id}`, async () => {
    return (await readLog(client, id)).includes(text)
  })
}

/** The whole log so far, as text. */
export async function readLog(client: Client, id: string): Promise<string> {
  let text = ''
  let cursor: string | undefined
  for (;;) {
    const page = await client.readLogs(id, { cursor })
    if (page.lines.length === 0) return text
    text += page.lines.map((line) => `${line.text}\n`).join('')
    cursor = page.cursor
  }
}

/** An artifact of an ended job as text. */
export async function readArtifact(client: Client, id: string, path: string): Promise<string> {
  const { files } = await client.artifactsPage(id)
  const url = files.find((file) => file.path === path)?.url
  if (url === undefined) throw new Error(`job ${id} has no artifact ${path}`)
  return (await fetch(url)).text()
}
