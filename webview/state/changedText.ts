/** Which tokens of a text are not in another one, in the same order: all but a longest common subsequence. */

/** Longer texts are compared place by place: the table of a subsequence grows with the square. */
const MOST_COMPARED = 2000;

/** @returns for each token of `after` whether it is new */
export function changedTokens(before: readonly number[], after: readonly number[]): readonly boolean[] {
  if (Math.max(before.length, after.length) > MOST_COMPARED) return after.map((id, at) => before[at] !== id);
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      lengths[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const isNew = after.map(() => true);
  for (let row = 0, column = 0; row < before.length && column < after.length;) {
    if (before[row] === after[column]) {
      isNew[column] = false;
      row++;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return isNew;
}
