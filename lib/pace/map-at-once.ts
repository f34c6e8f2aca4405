/**
 * Does `action` for all items, at most `atOnce` at a time, and answers in their order. After a
 * failure no further one begins; the first failure is thrown when none is under way any more.
 */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const faults: unknown[] = []
  const waiting = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await action(item)
      } catch (error) {
        faults.push(error)
      }
      if (faults.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  if (faults.length > 0) throw faults[0]
  return results
}
