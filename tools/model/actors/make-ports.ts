import type { Queues } from '../../../lib/ports/queues.ts'
import type { Table } from '../../../lib/ports/table.ts'
import { MemoryQueues } from '../world/memory-queues.ts'
import { MemoryTable } from '../world/memory-table.ts'
import type { Lane } from '../world/process.ts'
import type { World } from '../world/world.ts'

/** The table as one lane calls it; without one, as whoever calls. */
export function makeTable({ table, scheduler }: World, lane?: Lane): Table {
  return new MemoryTable(table, scheduler.gate(lane), () => scheduler.modifiers.has('stale'))
}

export function makeQueues({ queues, scheduler, time }: World, lane?: Lane): Queues {
  const { modifiers } = scheduler
  return new MemoryQueues(
    queues,
    { gate: scheduler.gate(lane), monotonicMs: () => time.nowMs },
    {
      isTwice: () => modifiers.has('twice'),
      lateMs: () => (modifiers.get('delay') ?? 0) * 1000,
      isDropped: () => modifiers.has('drop'),
      isStale: () => modifiers.has('stale'),
    },
  )
}
