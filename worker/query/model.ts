/** The model server as the worker sees it, whoever started it. */
export interface Model {
  /** Its port is open. */
  readonly isReady: boolean
  /** Starts in a row that did not open the port in time. */
  readonly failedStarts: number
  /** Why it is not ready. */
  readonly note: string
  /** It took no connection: not ready until its port answers again. */
  doubt(): void
  close(): Promise<void>
}

/** Both the model server and the worker are on one machine, or in one ECS task. */
export const MODEL_HOST = '127.0.0.1'
