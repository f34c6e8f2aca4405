import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authenticate, chooseTenant, readToken } from '../../../lib/api/auth/access.ts'
import { type HttpEvent, toRequest } from '../../../lib/api/event/http-event.ts'
import { makeTokenSet } from '../../../lib/api/auth/token-set.ts'
import { authorize } from '../../../lib/api/auth/authorize.ts'
import { TokenSource } from '../../../lib/api/auth/token-source.ts'
import { idempotencyKeySchema } from '../../../lib/api/submit/idempotency.ts'
import { pickQueryHeaders } from '../../../lib/api/contract/query-request.ts'
import { splitTagFilter, tagFilterSchema } from '../../../lib/api/contract/list-query.ts'
import { tenantSchema } from '../../../lib/api/contract/tenant.ts'
import { wholeNumber } from '../../../lib/parsing/value-kinds.ts'
import { parseWithSchema } from '../../../lib/parsing/parse-with-schema.ts'
import { toForwardedHeaders } from '../../../worker/query/proxy-headers.ts'
import { quietLog } from '../../worker/support/quiet-log.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { anyText, textOf, expectEdge } from './edge.ts'

const RULE = { code: 'invalid-request', what: 'the input', root: 'body' } as const
const TOKEN = 'a-token-of-the-service'
const TOKENS = makeTokenSet([{ tenant: '*', token: TOKEN }])
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROLS = /[\u0000-\u001f\u007f]/

describe('a header', () => {
  test('Authorization', () =>
    expectEdge({
      input: textOf(TOKEN, 'Bearer ', 'bearer  ', 'Basic ', ' ', '\t', ','),
      parse: (header) => authenticate(TOKENS, header),
      refuses: ['unauthorized'],
      holds: (_: unknown, header) => expect(readToken(header)).toBe(TOKEN),
    }))
  test('Authorization, as the authorizer gets it', () =>
    expectEdge({
      input: fc.record({
        identitySource: fc.oneof(fc.array(textOf(TOKEN, 'Bearer ')), fc.constant(null)),
      }),
      parse: (event) => {
        const read = async () => JSON.stringify({ token: TOKEN })
        return authorize(new TokenSource({ read, clock: systemClock, log: quietLog }), event)
      },
      refuses: [],
      holds: ({ isAuthorized }: { isAuthorized: boolean }, { identitySource }) => {
        expect(isAuthorized).toBe(readToken(identitySource?.[0]) === TOKEN)
      },
      runs: 100,
    }))
  test('Idempotency-Key', () =>
    expectEdge({
      input: anyText,
      parse: (key) => parseWithSchema(idempotencyKeySchema, key, RULE),
      refuses: ['invalid-request'],
      holds: (key: string) => expect(key).toMatch(/^[!-~]{1,255}$/),
    }))
  const pairs = fc.array(
    fc.tuple(textOf('host', 'Connection', 'x-a', 'X-Forwarded-For', 'te'), anyText),
  )
  test('that goes on to the model server', () =>
    expectEdge({
      input: pairs,
      parse: (headers) => toForwardedHeaders(pickQueryHeaders(headers)),
      refuses: [],
      holds: (kept: Record<string, string>) => {
        for (const [name, value] of Object.entries(kept)) {
          expect(value).not.toMatch(CONTROLS)
          expect([
            'host',
            'connection',
            'content-length',
            'transfer-encoding',
            'te',
            'authorization',
          ]).not.toContain(name)
        }
      },
    }))
})

describe('a parameter', () => {
  test('that is a whole number', () =>
    expectEdge({
      input: textOf('0', '1', '9', '-', '.', 'e', ' ', '0x'),
      parse: (text) => parseWithSchema(wholeNumber({ min: 0, max: 20 }), text, RULE),
      refuses: ['invalid-request'],
      holds: (number: number, text) => expect(text).toMatch(new RegExp(`^0*${number}$`)),
    }))
  test('that is a tag', () =>
    expectEdge({
      input: textOf('a', ':', '_', '\n', '/', '@'),
      parse: (text) => splitTagFilter(parseWithSchema(tagFilterSchema, text, RULE)),
      refuses: ['invalid-request'],
      holds: (parts: readonly string[], text) => expect(parts.join(':')).toBe(text),
    }))
  test('that is a tenant', () =>
    expectEdge({
      input: textOf('a', '-', '#', '/', '*', 'A', '..'),
      parse: (text) => {
        const caller = { tenant: 'mine', isAdmin: false, seesAll: false }
        return chooseTenant(caller, parseWithSchema(tenantSchema, text, RULE), 'query.tenant')
      },
      refuses: ['invalid-request'],
      holds: (tenant: string) => expect(tenant).toBe('mine'),
    }))
})

describe('an event of API Gateway', () => {
  const event: fc.Arbitrary<HttpEvent> = fc.record({
    rawPath: textOf('/jobs', '/', '..', '%', '%zz', '?', '#', '\\', '//', 'é'),
    rawQueryString: textOf('a=b', '&', '%', '#', '?'),
    headers: fc.dictionary(textOf('x-a', 'host', ' ', '\n'), anyText, { noNullPrototype: true }),
    cookies: fc.array(anyText, { maxLength: 2 }),
    body: anyText,
    isBase64Encoded: fc.boolean(),
    requestContext: fc.record({
      domainName: fc.constantFrom('api.example', 'x'),
      http: fc.record({
        method: fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'TRACE'), anyText),
      }),
    }),
  })
  test('becomes a request to this very host, or is refused', () =>
    expectEdge({
      input: event,
      parse: (given) => toRequest(given),
      refuses: [TypeError],
      holds: async (request: Request, { requestContext }: HttpEvent) => {
        expect(new URL(request.url).host).toBe(requestContext.domainName)
      },
    }))
})
