/** Asks the scaler to look now. Best effort: a lost kick costs at most one look period. */
export interface ScalerKick {
  /** Answers at once and never throws. */
  kick(): Promise<void>
}
