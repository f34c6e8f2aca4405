import { describe, expect, test } from 'vitest'
import {
  isListOf,
  isNullish,
  isNumber,
  isObjectOf,
  isOneOf,
  isOptional,
  isText,
  isWhole,
  parseJsonOf,
} from '../../lib/parsing/checks.ts'

const isFile = isObjectOf({ path: isText, bytes: isWhole, note: isOptional(isText) })

describe('values from outside are what they say, or nothing', () => {
  test.each([
    ['text', isText, ['', 'a'], [1, null, undefined, ['a']]],
    ['a number', isNumber, [0, -1.5], ['1', Number.NaN, Infinity, null]],
    ['a whole number', isWhole, [0, -1], [1.5, 2 ** 53, '1', null]],
    ['one of two', isOneOf('a', 1), ['a', 1], ['b', '1', undefined]],
    ['a list', isListOf(isWhole), [[], [1, 2]], [[1, 'a'], {}, 'a', null]],
    ['something that may be left out', isOptional(isText), [undefined, 'a'], [null, 1]],
    ['something that may be null', isNullish(isText), [undefined, null, 'a'], [1, false]],
    [
      'an object',
      isFile,
      [
        { path: 'a', bytes: 1 },
        { path: 'a', bytes: 1, note: 'b', more: true },
      ],
      [{ path: 'a' }, { path: 'a', bytes: 1, note: 1 }, null, 'a', []],
    ],
  ])('%s', (_, check, right, wrong) => {
    expect(right.filter((value) => !check(value))).toEqual([])
    expect(wrong.filter((value) => check(value))).toEqual([])
  })

  test('what an object inherits is not its own', () => {
    expect(isObjectOf({ toString: isOptional(isText) })({})).toBe(true)
    expect(isFile(Object.create({ path: 'a', bytes: 1 }))).toBe(false)
  })

  test('text that is no JSON is nothing', () => {
    expect(parseJsonOf('{"path":"a","bytes":1}', isFile)).toEqual({ path: 'a', bytes: 1 })
    expect(parseJsonOf('{"path":"a"}', isFile)).toBeUndefined()
    expect(parseJsonOf('{', isFile)).toBeUndefined()
  })
})
