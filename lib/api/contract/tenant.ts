import { textLike } from '../../parsing/value-kinds.ts'

/** The tenant of a token that may act for every tenant. */
export const ADMIN_TENANT = '*'

/** Whom a job of the admin is for unless the request names somebody else. */
export const DEFAULT_TENANT = 'default'

/** Stands in row keys, index keys and file keys, hence the narrow alphabet. */
export const tenantSchema = textLike(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  problem: 'is not a tenant name',
  allowed: '1 to 63 lower-case letters, digits and -, not beginning with -',
}).meta({ description: 'Whom the job is for.', example: DEFAULT_TENANT })
