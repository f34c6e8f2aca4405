/**
 * The next free GPU in turn after the one given out last, so that all are used alike; undefined
 * while all are taken.
 */
export function chooseGpu(
  gpus: readonly string[],
  taken: ReadonlySet<string>,
  last: string | undefined,
): string | undefined {
  const turn = last === undefined ? 0 : gpus.indexOf(last) + 1
  return [...gpus.slice(turn), ...gpus.slice(0, turn)].find((gpu) => !taken.has(gpu))
}
