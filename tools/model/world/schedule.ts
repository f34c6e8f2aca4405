/**
 * A schedule: where a run leaves the way that everything goes when nothing is wrong. Calls are named
 * by who makes them, what they do, and the how-manieth of its kind it is, so that a schedule stays
 * readable, and still applies when calls are added elsewhere.
 *
 * At a call:
 * - `crash before`, `crash after`: its process dies, the call not made or carried out
 * - `fail`: not carried out, and the caller is told that the port is away
 * - `lose`: carried out, and the caller is told the same
 * - `ghost 4`: the same, but carried out four seconds later
 * - `late 4`: carried out and answered four seconds later
 * - `slow 4`: carried out now, answered four seconds later
 * - `yield`: everybody else who can do something goes first
 * - `freeze 40`: its process stands still for so many seconds, the call not made yet
 * - `hang 40`: its main thread does
 * - `twice`: the message is sent, or shown, twice
 * - `delay 40`: the message shows so much later
 * - `drop`: the message is sent, and lost
 * - `stale`: the index, or the depth, is the one before the last writes
 * - `refuse`: protection is refused
 * - `start cancel j1`: somebody else begins, and goes first
 * - `jump 40`: the wall clock of its process jumps by so many seconds, which may be negative
 */
interface Deviation {
  /** Such as `w1 table.write job#j1 #1`. */
  readonly at: string
  readonly do: string
}

export type Schedule = readonly Deviation[]

/** Such as `crash before` → `crash before`, and `late 4` → `late`, 4. */
export function parseDeviation(text: string): { verb: string; rest: string; seconds: number } {
  const at = text.indexOf(' ')
  if (at < 0 || text.startsWith('crash')) return { verb: text, rest: '', seconds: 0 }
  const rest = text.slice(at + 1)
  return { verb: text.slice(0, at), rest, seconds: Number(rest) }
}

export function describeSchedule(schedule: Schedule): string {
  if (schedule.length === 0) return '(nothing goes wrong)'
  return schedule.map(({ at, do: what }) => `at ${at}: ${what}`).join('\n')
}
