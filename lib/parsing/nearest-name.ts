const LONGEST_COMPARED = 64

/**
 * The known name that `given` most likely meant: the same letters in another spelling
 * (`avgWaitingLength`), or at most one slip for every three letters. Nothing where none is near.
 */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  if (given.length > LONGEST_COMPARED) return undefined
  const plain = toPlain(given)
  let best: { name: string; slips: number } | undefined
  for (const name of known) {
    const slips = countSlips(plain, toPlain(name))
    if (slips <= Math.floor(plain.length / 3) && (best === undefined || slips < best.slips)) {
      best = { name, slips }
    }
  }
  return best?.name
}

/** Letters and digits alone, in lower case: `max_retries` and `maxRetries` become one. */
function toPlain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}

/** Letters to insert, delete or replace, or neighbours to swap (optimal string alignment). */
function countSlips(a: string, b: string): number {
  let twoAbove: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? at(twoAbove, column - 2) + 1 : Number.POSITIVE_INFINITY
      line.push(Math.min(replaced, swapped, at(above, column) + 1, at(line, column - 1) + 1))
    }
    twoAbove = above
    above = line
  }
  return at(above, b.length)
}

/** Beyond the edge there is no way to get there. */
function at(line: readonly number[], index: number): number {
  return line[index] ?? Number.POSITIVE_INFINITY
}
