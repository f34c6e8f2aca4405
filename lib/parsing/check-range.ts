/** @throws RangeError unless `value` is a whole number from `min` to `max` */
export function checkRange(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name} is ${value}; allowed: ${min} to ${max}`)
}
