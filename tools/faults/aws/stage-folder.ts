import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { serialiseForWorkers } from '../../../lib/service/serialised-service.ts'
import type { Service } from '../../../lib/service/service.ts'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import { copyWorkerProgram } from '../../../lib/local/programs/worker-program.ts'
import { ControlFile } from '../control.ts'
import { Ledger } from '../ledger.ts'
import { makeServiceFile } from '../service-file.ts'
import type { CampaignTiming } from '../timing.ts'

/** Everything that a campaign keeps on disk. */
export type StageFolder = ReturnType<typeof makeStageFolder>

export function makeStageFolder(timing: CampaignTiming) {
  const folder = mkdtempSync(join(tmpdir(), 'scalable-job-aws-storm-'))
  const effectsFile = join(folder, 'effects')
  const workersFile = join(folder, 'workers.jsonl')
  const workRoot = join(folder, 'work')
  const logFile = join(folder, 'control-plane.log')
  const programs = join(folder, 'worker-program')
  for (const each of [workRoot, programs]) mkdirSync(each)
  for (const file of [effectsFile, workersFile]) appendFileSync(file, '')
  const fileOf = new Map<string, string>()
  const control = new ControlFile(join(folder, 'control.json'))
  const write = (line: string): void => appendFileSync(logFile, line)
  return {
    folder,
    effectsFile,
    workersFile,
    workRoot,
    main: copyWorkerProgram(programs).main,
    ledger: new Ledger(join(folder, 'ledger.jsonl')),
    log: makeJsonLog({ write, level: 'info' }),
    /** Writes the service of a release, each of which is a worker version of its own. */
    release: (release: number): Service => {
      const settings = { timing, release, effectsFile, controlFile: control.path }
      const service = parseServiceConfig(makeServiceFile(settings))
      const file = join(folder, `service-${release}.json`)
      writeFileSync(file, serialiseForWorkers(service))
      fileOf.set(service.version, file)
      return service
    },
    serviceFileOf: (version: string): string => {
      const file = fileOf.get(version)
      if (file === undefined) throw new Error(`version ${version} was never released`)
      return file
    },
  }
}
