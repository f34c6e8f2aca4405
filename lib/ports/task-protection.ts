/**
 * Shield of a busy worker against scale-in and deploys: the ECS agent endpoint
 * `$ECS_AGENT_URI/task-protection/v1/state`, served by the supervisor on one machine.
 *
 * A refusal comes with HTTP 200 and `failure`: only `protection.ProtectionEnabled` as asked counts.
 * Source: AWS, "Amazon ECS task scale-in protection endpoint".
 */
export type ProtectionAnswer =
  | { readonly kind: 'granted'; readonly untilMs: number }
  | { readonly kind: 'released' }
  /** For example DEPLOYMENT_BLOCKED: more protected tasks than desired. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string }

export interface TaskProtection {
  /** `minutes` 1–2,880. Answers within 7 s; never throws. */
  protect(minutes: number): Promise<ProtectionAnswer>
  release(): Promise<ProtectionAnswer>
}
