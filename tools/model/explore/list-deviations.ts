import type { Scenario } from '../world/scenario.ts'
import type { Step } from '../world/scheduler.ts'

/** Short: within every bound. Middle: beyond a try of a beat. Long: beyond the lease of 30 s. */
const SECONDS = [4, 45] as const

/** Everything that may go wrong at one call of a run, one at a time. */
export function listDeviations(step: Step, scenario: Scenario): readonly string[] {
  if (scenario.onlyAt?.test(step.id) === false) return []
  const { port, action, target } = step.info
  const { name } = step.lane.process
  const isWorker = /^w\d/.test(name)
  const isLasting = isWorker || /^(s|look)\d/.test(name)
  const isWrite = ['write', 'send', 'delete', 'handBack', 'put', 'setDesired', 'ask'].includes(
    action,
  )
  return [
    'crash before',
    'crash after',
    'fail',
    ...(isWrite || port === 'protection' ? ['lose'] : []),
    ...(step.isAlone ? [] : ['yield']),
    ...SECONDS.flatMap((seconds) => [`late ${seconds}`, ...(isWrite ? [`slow ${seconds}`] : [])]),
    ...(action === 'write' || action === 'send' ? ['ghost 4'] : []),
    ...(isLasting ? ['freeze 4', 'freeze 45'] : []),
    ...(isWorker ? ['hang 45'] : []),
    ...(action === 'send' ? ['twice', 'delay 45'] : []),
    // What is told of an end is sent once it stands, and never again.
    ...(action === 'send' && target !== 'output' ? ['drop'] : []),
    ...(action === 'receive' ? ['twice'] : []),
    ...(action === 'query' || action === 'depth' ? ['stale'] : []),
    ...(action === 'protect' ? ['refuse'] : []),
    ...(isLasting ? ['jump 600', 'jump -600'] : []),
    ...(scenario.actors ?? []).map((actor) => `start ${actor}`),
  ]
}
