/**
 * How a job that is to flood its log and the campaign find each other: the job makes a file when it
 * is ready, and the campaign renames it once the store takes nothing.
 */
import { readdirSync, renameSync } from 'node:fs'
import { basename, dirname } from 'node:path'

export const FLOOD_READY = '.flood-ready.'
export const FLOOD_NOW = '.flood-now.'

/** Ids of the jobs that wait for their word. */
export function readyToFlood(effectsFile: string): string[] {
  const prefix = `${basename(effectsFile)}${FLOOD_READY}`
  const names = readdirSync(dirname(effectsFile)).filter((name) => name.startsWith(prefix))
  return names.map((name) => name.slice(prefix.length))
}

export function letFlood(effectsFile: string, jobId: string): void {
  renameSync(`${effectsFile}${FLOOD_READY}${jobId}`, `${effectsFile}${FLOOD_NOW}${jobId}`)
}
