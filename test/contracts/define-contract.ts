import { afterEach, beforeEach, describe, test } from 'vitest'

export interface OpenedPort<Port> {
  readonly port: Port
  close(): Promise<void>
}

export interface ContractOptions {
  /** Titles of this contract that an emulator cannot pass, each with the reason. */
  readonly skips?: Readonly<Record<string, string>>
}

export interface Contract<Port> {
  readonly name: 'table' | 'queues' | 'files'
  readonly adapter: string
  readonly make: () => Promise<OpenedPort<Port>>
  readonly options: ContractOptions | undefined
  /** Each promise by its sentence, with what checks it. */
  readonly promises: Readonly<Record<string, (port: Port) => Promise<void>>>
}

/** A long poll of 20 s that was given up may have to end before the next answer comes. */
const PROMISE_MS = 60_000

/** Checks each promise over a port that is opened for it alone. */
export function defineContract<Port>(contract: Contract<Port>): void {
  const { name, adapter, make, options, promises } = contract
  const skips = options?.skips ?? {}
  const unknown = Object.keys(skips).filter((skipped) => promises[skipped] === undefined)
  if (unknown.length > 0) throw new Error(`${name} do not promise: ${unknown.join('; ')}`)
  describe(`${name} over ${adapter}`, () => {
    let opened: OpenedPort<Port>
    beforeEach(async () => {
      opened = await make()
    })
    afterEach(() => opened.close())
    for (const [sentence, check] of Object.entries(promises)) {
      const reason = skips[sentence]
      const note = reason === undefined ? '' : ` (skipped: ${reason})`
      // oxlint-disable-next-line vitest/expect-expect -- the promises assert
      test.skipIf(reason !== undefined)(`${sentence}${note}`, { timeout: PROMISE_MS }, () =>
        check(opened.port),
      )
    }
  })
}

let names = 0

/** A name that no other test uses, in this run or another. */
export function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${Date.now()}-${process.pid}-${names}`
}
