import type { ProtectionAnswer, TaskProtection } from '../../../lib/ports/task-protection.ts'

/** An agent that answers as the test says, and remembers what it was asked. */
export class FakeProtection implements TaskProtection {
  readonly calls: ('protect' | 'release')[] = []
  /** What the next asks for protection get. */
  answer: 'granted' | 'refused' | 'unreachable' = 'granted'
  isProtected = false

  async protect(minutes: number): Promise<ProtectionAnswer> {
    this.calls.push('protect')
    if (this.answer === 'refused') return { kind: 'refused', reason: 'DEPLOYMENT_BLOCKED' }
    if (this.answer === 'unreachable') return { kind: 'unreachable', reason: 'no agent' }
    this.isProtected = true
    return { kind: 'granted', untilMs: Date.now() + minutes * 60_000 }
  }

  async release(): Promise<ProtectionAnswer> {
    this.calls.push('release')
    this.isProtected = false
    return { kind: 'released' }
  }
}
