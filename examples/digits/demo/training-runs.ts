/** The runs of the demo: the same training with settings that differ, some of them poor on purpose. */
export interface TrainingRun {
  readonly name: string
  readonly flags: string
}

export const TRAINING_RUNS: readonly TrainingRun[] = [
  { name: 'wide', flags: '--hidden 96 --epochs 10 --rate 0.1' },
  { name: 'small', flags: '--hidden 8 --epochs 60 --rate 0.05' },
  { name: 'slow', flags: '--hidden 32 --epochs 20 --rate 0.003' },
  { name: 'tiny', flags: '--hidden 3 --epochs 90 --rate 0.05' },
  { name: 'frozen', flags: '--hidden 32 --epochs 20 --rate 0.0005 --decay 1' },
]

export function toCommand({ flags }: TrainingRun): string {
  return `python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" ${flags}`
}
