import { expect, test } from 'vitest'
import { EXPOSED_HEADERS, ROUTE_PLACES } from '../../lib/api/contract/route-places.ts'
import { patternOf } from '../../lib/api/route.ts'
import { ROUTES } from '../../lib/api/routes.ts'

test('every route stands at its place, and every place has a route', () => {
  const places = ROUTES.map(({ method, path, access }) => ({ method, path, access }))
  expect(places).toEqual(
    Object.values(ROUTE_PLACES).map(({ method, path, access }) => ({ method, path, access })),
  )
})

test('the path of a container takes slashes, no other parameter does', () => {
  const open = ROUTES.map(patternOf).filter((pattern) => pattern.includes('{.+}'))
  expect(open).toEqual(['/api/predict/:service/:path{.+}'])
})

test('a script of another origin can read every header that an answer has', () => {
  const ofAnswers = ROUTES.flatMap(({ answers }) =>
    Object.values(answers).flatMap(({ headers = {} }) => Object.keys(headers)),
  )
  const ofAll = ['X-Request-Id', 'Retry-After']
  const names = [...ofAnswers, ...ofAll].map((name) => name.toLowerCase())
  expect(EXPOSED_HEADERS).toEqual([...new Set(names)].toSorted())
})
