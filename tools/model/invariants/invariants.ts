import { cancelsAreTrue, submitsAreKept } from './answers.ts'
import { filesStayPut } from './files.ts'
import { busyIsNotStopped, neverBelowBusy, protectedBeforeClaim, rowSaysBusy } from './fleet.ts'
import type { Invariant } from './invariant.ts'
import {
  budgetsAreCounted,
  endsAreFinal,
  fencedWrites,
  noneIsForgotten,
  stepsAreAllowed,
} from './job-rows.ts'
import { lostOnlyWhenSilent, oneRunAtATime, shortAbsencesCostNothing } from './leases.ts'
import { passedOverOnlyInLine } from './passed-over.ts'
import { askedByHolders, refusalsCostNothing, resultsAreAnswers } from './queries.ts'
import { promptWhenWell } from './promptness.ts'
import { endsAreTold, everyJobEnds, noMessageDeletedEarly } from './messages.ts'

/** What must always hold, checked after every step of every run. */
export const INVARIANTS: readonly Invariant[] = [
  endsAreFinal,
  stepsAreAllowed,
  fencedWrites,
  budgetsAreCounted,
  noneIsForgotten,
  oneRunAtATime,
  lostOnlyWhenSilent,
  shortAbsencesCostNothing,
  noMessageDeletedEarly,
  endsAreTold,
  filesStayPut,
  protectedBeforeClaim,
  rowSaysBusy,
  busyIsNotStopped,
  neverBelowBusy,
  submitsAreKept,
  cancelsAreTrue,
  passedOverOnlyInLine,
  askedByHolders,
  resultsAreAnswers,
  refusalsCostNothing,
  promptWhenWell,
  everyJobEnds,
]
