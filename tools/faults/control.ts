/**
 * What the preloaded modules and the model server are to break now. The campaign writes this file
 * as a whole; they read it a few times a second.
 */
import { renameSync, writeFileSync } from 'node:fs'

/** Whose calls fail. */
export type Target = 'workers' | 'service' | 'all'

export interface DiskFault {
  readonly target: Target
  /** Share of the calls. */
  readonly share: number
  /** Absent: slow only. */
  readonly code?: 'ENOSPC' | 'EIO'
  readonly delayMs: number
}

export interface DatabaseFault {
  readonly target: Target
  readonly share: number
  /** `unclear`: the commit took place, and its caller is told that it failed. */
  readonly how?: 'full' | 'io' | 'unclear'
  readonly delayMs: number
}

interface ModelFault {
  readonly share: number
  readonly how: 'crash' | 'hang' | 'garbage'
}

export interface Control {
  readonly disk?: DiskFault
  readonly database?: DatabaseFault
  readonly model?: ModelFault
  /** The scaler cannot reach its own row, so that no look takes place. */
  readonly isScalerAway?: boolean
}

/** Faults that begin and end independently of each other. */
export class ControlFile {
  readonly path: string
  #control: Control = {}

  constructor(path: string) {
    this.path = path
    this.set({})
  }

  set(change: { [K in keyof Control]?: Control[K] | undefined }): void {
    const next = Object.entries({ ...this.#control, ...change })
    this.#control = Object.fromEntries(next.filter(([, value]) => value !== undefined))
    writeFileSync(`${this.path}.new`, JSON.stringify(this.#control))
    renameSync(`${this.path}.new`, this.path)
  }
}
