import type { RowKey } from '../../../lib/job/keys.ts'
import type { IndexQuery, Page, Row, Table, Write } from '../../../lib/ports/table.ts'
import type { Gate } from './gate.ts'
import type { TableState } from './table-state.ts'

/** A table over rows in memory. */
export class MemoryTable implements Table {
  readonly #state: TableState
  readonly #gate: Gate
  readonly #isStale: () => boolean

  /** `isStale` is asked when an index is: whether it lags this time. */
  constructor(state: TableState, gate: Gate, isStale: () => boolean = () => false) {
    this.#state = state
    this.#gate = gate
    this.#isStale = isStale
  }

  get(key: RowKey): Promise<Row | undefined> {
    return this.#call('get', describeKey(key), () => this.#state.get(key))
  }

  getMany(keys: readonly RowKey[]): Promise<Row[]> {
    return this.#call('getMany', keys.map(describeKey).join('+'), () =>
      keys.flatMap((key) => this.#state.get(key) ?? []),
    )
  }

  list(pk: string, page: Page): Promise<{ rows: Row[]; next?: string }> {
    return this.#call('list', pk, () => this.#state.list(pk, page))
  }

  queryIndex(query: IndexQuery): ReturnType<Table['queryIndex']> {
    return this.#call('query', query.hash, () => this.#state.queryIndex(query, this.#isStale()))
  }

  write(writes: readonly Write[]): ReturnType<Table['write']> {
    const target = writes.map(describeWrite).join('+')
    return this.#call('write', target, () => this.#state.write(writes))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #call<T>(action: string, target: string, effect: () => T): Promise<T> {
    return this.#gate.call({ port: 'table', action, target }, effect)
  }
}

function describeWrite({ kind, key }: Write): string {
  return kind === 'delete' ? `no ${describeKey(key)}` : describeKey(key)
}

function describeKey({ pk, sk }: RowKey): string {
  return sk === 'state' ? pk : `${pk}/${sk}`
}
