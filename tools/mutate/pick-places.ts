import { makeRandom, type Random } from '../support/random.ts'
import { areaOf, countsFor, type Area } from './areas.ts'
import type { Place } from './find-places.ts'

/** A place that was drawn, with the area that it was drawn for. */
export interface Mutant extends Place {
  /** The same for the same fault in the same text. */
  readonly id: string
  readonly area: string
}

export interface Draw {
  readonly areas: readonly Area[]
  readonly count: number
  readonly seed: number
}

/**
 * Draws places: each area its share, each of its files once before one has its second turn, and in a
 * file the operator first, so that the frequent ones do not crowd out the rare. The same places and
 * the same seed give the same draw.
 */
export function pickPlaces(places: readonly Place[], { areas, count, seed }: Draw): Mutant[] {
  const byArea = Map.groupBy(places, ({ file }) => areaOf(file)?.name)
  return [...countsFor(areas, count)].flatMap(([area, wanted]) => {
    const random = makeRandom(seed).fork(area)
    const drawn = drawFrom(byArea.get(area) ?? [], wanted, random)
    return drawn.map((place) => ({ ...place, area, id: idOf(place) }))
  })
}

function drawFrom(places: readonly Place[], wanted: number, random: Random): Place[] {
  const left = new Map(
    [...Map.groupBy(places, ({ file }) => file)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  const drawn: Place[] = []
  let turn: string[] = []
  while (drawn.length < wanted && left.size > 0) {
    if (turn.length === 0) turn = shuffle([...left.keys()], random)
    const file = turn.pop() as string
    const here = left.get(file) as Place[]
    const operators = [...new Set(here.map(({ operator }) => operator))]
    const operator = random.pick(operators)
    const place = random.pick(here.filter((each) => each.operator === operator))
    drawn.push(place)
    const rest = here.filter(({ line }) => line !== place.line)
    if (rest.length > 0) left.set(file, rest)
    else left.delete(file)
  }
  return drawn
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function idOf({ file, start, operator, text }: Place): string {
  return `${file}:${start}:${operator}:${text}`
}
