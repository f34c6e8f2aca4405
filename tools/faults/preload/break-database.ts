import { StatementSync } from 'node:sqlite'
import type { DatabaseFault } from '../control.ts'
import { databaseFault, isScalerAway, random, type Role } from './fault-state.ts'

// https://sqlite.org/rescode.html
const CODES = { busy: 5, io: 10, full: 13 } as const
const SCALER_PK = 'scaler'

type Method = (this: StatementSync, ...args: unknown[]) => unknown

/** Lets statements of `node:sqlite` fail or take long, as the control file says. */
export function breakDatabase(role: Role): void {
  const prototype = StatementSync.prototype as unknown as Record<'run' | 'get', Method>
  const { run, get } = prototype
  prototype.run = function runOrFail(...args) {
    const database = databaseFault(role)
    const isHit = database !== undefined && random.chance(database.share)
    return isHit ? runBroken(database, this, () => run.apply(this, args)) : run.apply(this, args)
  }
  prototype.get = function getOrFail(...args) {
    if (args[0] === SCALER_PK && isScalerAway()) throw makeError('busy')
    return get.apply(this, args)
  }
}

/** Transactions fail at their commit, where it hurts most; other statements only take long. */
function runBroken(
  { how, delayMs }: DatabaseFault,
  statement: StatementSync,
  run: () => unknown,
): unknown {
  if (delayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs)
  if (how === undefined || statement.sourceSQL !== 'COMMIT') return run()
  if (how !== 'unclear') throw makeError(how)
  run()
  throw makeError('io')
}

function makeError(how: keyof typeof CODES): Error {
  const error = new Error(`database ${how}: made by the campaign`)
  return Object.assign(error, { code: 'ERR_SQLITE_ERROR', errcode: CODES[how] })
}
