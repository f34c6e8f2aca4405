import { resolve } from 'node:path'
import type { CampaignTiming } from './timing.ts'

const MODEL = resolve(import.meta.dirname, 'programs/model.mjs')

export interface ServiceFileSettings {
  readonly timing: CampaignTiming
  /** Changes what a worker runs, so that a start with it rolls a new worker version. */
  readonly release: number
  readonly effectsFile: string
  readonly controlFile: string
}

/** The service.json of a campaign: queries and commands, scaled from 1 to 4 workers all the time. */
export function makeServiceFile(settings: ServiceFileSettings): Record<string, unknown> {
  const { timing, release, effectsFile, controlFile } = settings
  return {
    metadata: {
      name: 'faults',
      type: 'ScalableJob',
      instance: 1,
      rpc: { worker_threads: 4 },
    },
    containers: [
      {
        image: 'any',
        command: `exec "${process.execPath}" "${MODEL}"`,
        port: 8000,
        env: [
          { name: 'RELEASE', value: String(release) },
          { name: 'FAULTS_EFFECTS', value: effectsFile },
          { name: 'FAULTS_CONTROL', value: controlFile },
        ],
      },
    ],
    autoscaler: {
      min: 1,
      max: 4,
      strategies: { avg_waiting_length: 4 },
      behavior: { onZero: { scaleDownGracePeriodSeconds: 5 } },
    },
    scalable_job: {
      command_slots: 2,
      queries_beside_command: true,
      start_seconds: 20,
      enable_write_log_to_queue: false,
      timing,
      retry: {
        command: { max_losses: 10, backoff_seconds: 0.5 },
        query: { max_losses: 10, backoff_seconds: 0.5 },
      },
    },
  }
}
