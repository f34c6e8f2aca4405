import { agentGarbage, errorBehindSuccess, protectionRefused, putConflict } from './other-faults.ts'
import {
  partialBatchRead,
  rowBusy,
  shortPage,
  transactionBusy,
  transactionUnderWay,
} from './dynamo-faults.ts'
import type { PlannedFault } from './fault-plan.ts'
import { accountThrottled, serverFault, throttled, unavailable } from './service-errors.ts'
import {
  delayed,
  emptyReceive,
  falseBatchFailure,
  makeHandedOutTwice,
  partialBatch,
  sentTwice,
  zeroCount,
} from './sqs-faults.ts'
import { makeStaleCounts, makeStaleFleet, makeStaleIndex } from './stale-reads.ts'
import {
  answerCut,
  answerLost,
  requestLost,
  silence,
  silentEffect,
  slowAnswer,
} from './transport-faults.ts'

/** Every kind of fault, each in so few calls that most of them go through. */
export function makeStorm(nowMs: () => number): PlannedFault[] {
  return [
    { fault: throttled, share: 0.02 },
    { fault: accountThrottled, share: 0.01 },
    { fault: serverFault, share: 0.01 },
    { fault: unavailable, share: 0.01 },
    { fault: requestLost, share: 0.01 },
    { fault: answerLost, share: 0.02 },
    { fault: answerCut, share: 0.01 },
    // They cost the whole time of a try each.
    { fault: silence, share: 0.002 },
    { fault: silentEffect, share: 0.004 },
    { fault: slowAnswer, share: 0.03 },
    { fault: partialBatchRead, share: 0.15 },
    { fault: shortPage, share: 0.05 },
    { fault: transactionBusy, share: 0.1 },
    { fault: transactionUnderWay, share: 0.05 },
    { fault: rowBusy, share: 0.02 },
    { fault: makeStaleIndex(nowMs), share: 0.15 },
    { fault: partialBatch, share: 0.1 },
    { fault: falseBatchFailure, share: 0.05 },
    { fault: sentTwice, share: 0.1 },
    { fault: delayed, share: 0.15 },
    { fault: makeHandedOutTwice(), share: 0.1 },
    { fault: emptyReceive, share: 0.05 },
    { fault: zeroCount, share: 0.15 },
    { fault: makeStaleCounts(nowMs), share: 0.2 },
    { fault: makeStaleFleet(nowMs), share: 0.15 },
    { fault: errorBehindSuccess, share: 0.1 },
    { fault: putConflict, share: 0.1 },
    { fault: protectionRefused, share: 0.05 },
    { fault: agentGarbage, share: 0.03 },
  ]
}

/** One fault in every call that it can hit, until the plan is calmed. */
export function always(...faults: readonly PlannedFault['fault'][]): PlannedFault[] {
  return faults.map((fault) => ({ fault, share: 1 }))
}
