import { ServiceError, showValue } from '../../registry/errors.ts'
import type { Caller } from './token-set.ts'

/**
 * The token says whom a request is for; only the admin may say otherwise, and may say nothing.
 *
 * @throws ServiceError `invalid-request` when `wanted` is another tenant than the token's own
 */
export function chooseTenant(
  caller: Caller,
  wanted: string | undefined,
  path: string,
): string | undefined {
  if (caller.isAdmin) return wanted
  if (wanted === undefined || wanted === caller.tenant) return caller.tenant
  const problem = 'is not the tenant of this token'
  throw new ServiceError('invalid-request', `${path} ${problem}`, {
    details: [{ path, problem, got: showValue(wanted), allowed: caller.tenant }],
  })
}
