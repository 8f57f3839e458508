/** A longest common subsequence of two lists: which items of the one stand for which of the other, in order. */

/** What is left of longer lists once their common beginning and end are taken off goes place by place: the table grows with the square. */
const MOST_COMPARED = 2000;

/** The places of one item in both lists. */
export type ItemPair = readonly [one: number, other: number];

/** How much of two lists is looked at: [from, oneEnd) of the one, [from, otherEnd) of the other. */
interface Part {
  readonly from: number;
  readonly oneEnd: number;
  readonly otherEnd: number;
}

/** @returns pairs of places, both rising */
export function commonPairs<Item>(one: readonly Item[], other: readonly Item[]): readonly ItemPair[] {
  let from = 0;
  while (from < one.length && from < other.length && one[from] === other[from]) from++;
  let part: Part = { from, oneEnd: one.length, otherEnd: other.length };
  if (isLong(part)) part = withoutEnd(one, other, part);
  const pairs: ItemPair[] = Array.from({ length: from }, (_, at) => [at, at]);
  pairs.push(...(isLong(part) ? samePlaces(one, other, part) : byTable(one, other, part)));
  for (let at = part.oneEnd; at < one.length; at++) pairs.push([at, at - part.oneEnd + part.otherEnd]);
  return pairs;
}

const isLong = ({ from, oneEnd, otherEnd }: Part): boolean => Math.max(oneEnd, otherEnd) - from > MOST_COMPARED;

function withoutEnd<Item>(one: readonly Item[], other: readonly Item[], { from, oneEnd, otherEnd }: Part): Part {
  let [oneLast, otherLast] = [oneEnd, otherEnd];
  while (oneLast > from && otherLast > from && one[oneLast - 1] === other[otherLast - 1]) {
    oneLast--;
    otherLast--;
  }
  return { from, oneEnd: oneLast, otherEnd: otherLast };
}

function samePlaces<Item>(one: readonly Item[], other: readonly Item[], part: Part): readonly ItemPair[] {
  const end = Math.min(part.oneEnd, part.otherEnd);
  const pairs: ItemPair[] = [];
  for (let at = part.from; at < end; at++) if (one[at] === other[at]) pairs.push([at, at]);
  return pairs;
}

/** By the table of the lengths of what the ends of both lists have in common (Wagner & Fischer 1974). */
function byTable<Item>(
  one: readonly Item[],
  other: readonly Item[],
  { from, oneEnd, otherEnd }: Part,
): readonly ItemPair[] {
  const rows = oneEnd - from;
  const columns = otherEnd - from;
  const width = columns + 1;
  const lengths = new Uint16Array((rows + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  const isSame = (row: number, column: number): boolean => one[from + row] === other[from + column];
  for (let row = rows - 1; row >= 0; row--)
    for (let column = columns - 1; column >= 0; column--)
      lengths[row * width + column] = isSame(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
  const pairs: ItemPair[] = [];
  for (let row = 0, column = 0; row < rows && column < columns;) {
    if (isSame(row, column)) pairs.push([from + row++, from + column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
}
