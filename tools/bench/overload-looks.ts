import { look } from '../../lib/scaler/look/look.ts'
import { isLocked, readState } from '../../lib/scaler/scaler-state.ts'
import type { ScalerDeps } from '../../lib/scaler/look/scaler-deps.ts'
import type { Embedded } from '../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import type { Fleet } from '../../lib/ports/fleet.ts'
import type { Log } from '../../lib/ports/log.ts'
import { type Timing, toTiming } from './measure.ts'

const LOOKS = 10

export interface LookFigures {
  readonly timing: Timing
  /** Port calls of one look. */
  readonly calls: number
  readonly report: string
}

const nothing = async (): Promise<void> => undefined

/** A fleet that starts nothing. */
const FLEET: Fleet = {
  observe: async () => ({
    sides: {
      a: { version: 'v1', desired: 1, running: 1, pending: 0 },
      b: { desired: 0, running: 0, pending: 0 },
    },
    tasks: [{ taskId: 't1', side: 'a', version: 'v1', state: 'running' }],
    latestVersion: 'v1',
  }),
  setDesired: nothing,
  place: nothing,
  stopTask: nothing,
  findStopped: async () => [],
}

const QUIET: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => QUIET,
}

/** Looks over stores that hold much, in this process: how long each takes and how often it asks. */
export async function measureLooks(
  stores: Embedded,
  serviceFile: string,
  looks = LOOKS,
): Promise<LookFigures> {
  const service = readServiceFile(serviceFile)
  const counter = { calls: 0 }
  const deps: ScalerDeps = {
    table: counted(stores.table, counter),
    queues: counted(stores.queues, counter),
    files: stores.files,
    fleet: counted(FLEET, counter),
    metrics: { emit: nothing },
    clock: systemClock,
    log: QUIET,
    service: () => service,
    owner: 'bench',
  }
  await letLockLapse(stores)
  const times: number[] = []
  let report = ''
  for (let round = 0; round < looks; round += 1) {
    const startMs = performance.now()
    const done = await look(deps, 'clock')
    if (done.kind !== 'looked') throw new Error(`this look did nothing: ${done.kind}`)
    times.push(performance.now() - startMs)
    report = JSON.stringify(done.reaped)
  }
  return { timing: toTiming(times), calls: Math.round(counter.calls / looks), report }
}

/** A service that was killed in the middle of a look leaves its lock, for 15 s at most. */
async function letLockLapse({ table }: Embedded): Promise<void> {
  while (isLocked((await readState(table)).state, systemClock.now())) await systemClock.sleep(200)
}

function counted<T extends object>(port: T, counter: { calls: number }): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        counter.calls += 1
        return Reflect.apply(member, target, args)
      }
    },
  })
}
