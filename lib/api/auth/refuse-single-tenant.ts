import { ServiceError } from '../../registry/errors.ts'
import type { Caller } from './token-set.ts'

/**
 * The output queue is one for the whole service, and what one reader takes no other sees. So it is
 * for the admin, or for the only tenant of the service.
 *
 * @throws ServiceError `not-found`
 */
export function refuseSingleTenant({ seesAll, tenant }: Caller): void {
  if (seesAll) return
  throw new ServiceError('not-found', 'the output queue is not for the token of one tenant', {
    details: [
      {
        path: 'header.authorization',
        problem: `is the token of tenant ${tenant}, and the queue has messages of every tenant`,
        allowed: 'the token of the admin; or GET /jobs/{id}/result for a job of yours',
      },
    ],
  })
}
