import type { ControlPlane } from './aws-control-plane.ts'

/** Two, as when the function of one minute still looks while that of the next has begun. */
const LOOPS = 2

/** The scaler of the stage, which may stop and be replaced at any time. */
export class ScalerLoops {
  #ending = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  start(plane: ControlPlane): void {
    const { signal } = (this.#ending = new AbortController())
    this.#running = Promise.all(Array.from({ length: LOOPS }, () => plane.runScaler(signal)))
  }

  /** A look that is under way ends first. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }
}
