/** How alike two lists order the same things. */

/** Ranks from 1; equal numbers share the mean of theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number)); // places of the list
  const ranks = new Float64Array(order.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++; // from < to < length
    for (let at = from; at < to; at++) ranks[order[at] as number] = (from + to + 1) / 2; // from <= at < length
    from = to;
  }
  return ranks;
}

/**
 * Spearman's rank correlation (1904): Pearson's of the ranks, -1 to 1.
 * @returns NaN where there are fewer than three, or one of the lists has one value only
 */
export function rankCorrelation(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const count = one.length;
  if (count < 3 || other.length !== count) return NaN;
  const a = ranksOf(one);
  const b = ranksOf(other);
  const mean = (count + 1) / 2;
  let both = 0;
  let squares = 0;
  let others = 0;
  for (let at = 0; at < count; at++) {
    const x = (a[at] as number) - mean; // at < count, as below
    const y = (b[at] as number) - mean;
    both += x * y;
    squares += x * x;
    others += y * y;
  }
  return squares === 0 || others === 0 ? NaN : both / Math.sqrt(squares * others);
}
