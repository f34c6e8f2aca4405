import type { Mutant } from './mutant.ts'
import { JOB_MUTANTS } from './job-mutants.ts'
import { QUERY_MUTANTS } from './query-mutants.ts'
import { SCALER_MUTANTS } from './scaler-mutants.ts'
import { WORKER_MUTANTS } from './worker-mutants.ts'

/** Faults that the invariants must find, each with the schedule that shows it. */
export const MUTANTS: readonly Mutant[] = [
  ...JOB_MUTANTS,
  ...WORKER_MUTANTS,
  ...QUERY_MUTANTS,
  ...SCALER_MUTANTS,
]
