/** The value in the middle, between the two in the middle where there are two. Of nothing it is not a number. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** The least value that so many percent of all do not exceed (nearest rank). `percent` is above 0 and at most 100. */
export const percentile = (values: ReadonlyArray<number>, percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN
}

/** The median of what each round of one is to the same round of the other; undefined where they share none. */
export const medianRatio = (
  values: ReadonlyArray<number | undefined>,
  others: ReadonlyArray<number | undefined>
): number | undefined => {
  const ratios = values.flatMap((value, round) => {
    const other = others[round]
    return value === undefined || other === undefined || other === 0 ? [] : [value / other]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

/** Numbers from 0 to 1 (without it), always the same for a seed: xorshift32. The seed is not 0. */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** The same values in another order, always the same one for a seed. */
export const shuffled = <A>(values: ReadonlyArray<A>, seed = 1): ReadonlyArray<A> => {
  const random = randomNumbers(seed)
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}
