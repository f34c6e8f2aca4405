import { z } from 'zod'
import { uploadAnswerSchema } from '../contract/answers.ts'
import { toTimestamp } from '../../job/job.ts'
import { uploadKey } from '../../job/keys.ts'
import { DEFAULT_TENANT, tenantSchema } from '../contract/tenant.ts'
import { chooseTenant } from '../auth/access.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'
import { MAX_UPLOAD_BYTES } from '../submit/find-upload.ts'

const LINK_SECONDS = 3600

export const uploads = defineRoute({
  ...ROUTE_PLACES.uploads,
  group: 'files',
  summary: 'A place for a large input',
  description:
    'PUT the input to `uploadUrl`, once, then submit the job with `inputKey`. An upload that no job names goes in the end: on one machine after 7 days, on AWS after the time for which jobs are kept.',
  query: z.strictObject({
    tenant: tenantSchema.optional().meta({ description: 'Admin: whose job will name it.' }),
  }),
  answers: {
    201: {
      description: 'The place.',
      content: asJson(uploadAnswerSchema, {
        inputKey: 'uploads/default/3711718195200000002',
        uploadUrl: 'https://bucket.example/uploads/…',
        expiresAt: '2026-01-01T13:00:00.000Z',
        maxBytes: MAX_UPLOAD_BYTES,
      }),
    },
  },
  errors: ['invalid-request'],
  handle: async ({ api, c, caller }, query) => {
    const tenant = chooseTenant(caller, query.tenant, 'query.tenant') ?? DEFAULT_TENANT
    const inputKey = uploadKey(tenant, api.newId())
    const uploadUrl = await api.files.uploadLink(inputKey, LINK_SECONDS, MAX_UPLOAD_BYTES)
    const expiresAt = toTimestamp(api.clock.now() + LINK_SECONDS * 1000)
    return c.json({ inputKey, uploadUrl, expiresAt, maxBytes: MAX_UPLOAD_BYTES }, 201)
  },
})
