import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../arena.ts'
import type { Random } from '../../support/random.ts'
import type { AgentFault } from './agent-proxy.ts'

const TARGETS = ['workers', 'service', 'all'] as const

/** Shorter than a lease: a store that is away for less than that costs no job. */
function breakMs(arena: Arena, random: Random): number {
  const leaseMs = arena.timing.lease_seconds.query * 1000
  return random.int(leaseMs / 6, leaseMs / 2)
}

/** Writes of files fail (full, or a broken disk) or take long. */
export async function breakDisk(arena: Arena, random: Random): Promise<void> {
  const how = random.pick(['slow', 'ENOSPC', 'EIO'] as const)
  arena.fault(`disk: ${how}`)
  const broken =
    how === 'slow' ? { share: 0.5, delayMs: 300 } : { share: random.next(), delayMs: 0, code: how }
  const end = arena.beginOutage('faulty')
  arena.control.set({ disk: { ...broken, target: random.pick(TARGETS) } })
  await sleep(breakMs(arena, random))
  arena.control.set({ disk: undefined })
  setTimeout(end, arena.timing.beat_seconds * 1000)
}

/** Commits fail (full, or a broken disk), take place unheard, or take long. */
export async function breakDatabase(arena: Arena, random: Random): Promise<void> {
  const how = random.pick(['slow', 'full', 'io', 'unclear'] as const)
  arena.fault(`database: ${how}`)
  const broken =
    how === 'slow' ? { share: 0.2, delayMs: 40 } : { share: random.next() / 2, delayMs: 0, how }
  const end = arena.beginOutage('troubled')
  arena.control.set({ database: { ...broken, target: random.pick(TARGETS) } })
  await sleep(breakMs(arena, random))
  arena.control.set({ database: undefined })
  end()
}

/** The agent endpoint fails, refuses, hangs, answers garbage, or does as told without an answer. */
export async function breakAgent(arena: Arena, random: Random): Promise<void> {
  const how: AgentFault = random.pick(['fail', 'refuse', 'hang', 'garbage', 'unanswered'])
  arena.fault(`agent endpoint: ${how}`)
  arena.agent.set(how, random.pick([0.5, 1]))
  await sleep(breakMs(arena, random))
  arena.agent.set(undefined)
}

/** Model servers crash, hang or answer garbage at some of their queries. */
export async function breakModel(arena: Arena, random: Random): Promise<void> {
  const how = random.pick(['crash', 'hang', 'garbage'] as const)
  arena.fault(`model server: ${how}`)
  arena.control.set({ model: { how, share: 0.05 + random.next() / 4 } })
  await sleep(breakMs(arena, random))
  arena.control.set({ model: undefined })
}

/** No look of the scaler takes place for more than two of its periods. */
export async function stopScaler(arena: Arena): Promise<void> {
  arena.fault('scaler: away for longer than two looks')
  const end = arena.beginOutage('away')
  arena.control.set({ isScalerAway: true })
  await sleep(arena.timing.look_seconds * 2500)
  arena.control.set({ isScalerAway: undefined })
  end()
}
