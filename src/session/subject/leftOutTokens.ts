/** Tokens of a text of which pieces are left out: where each stands in all of the text, and the other way round. */
import type { Intervention } from '../../protocol/engine';

/** @param left `ranges` are in order, and none touches another; null where nothing is left out */
export function placeInWhole(index: number, left: Intervention | null): number {
  if (left?.manner !== 'removed') return index;
  return left.ranges.reduce((at, { from, to }) => (from <= at ? at + to - from : at), index);
}

/** Null for a token that is left out. */
export function placeInRest(index: number, left: Intervention | null): number | null {
  if (left?.manner !== 'removed') return index;
  if (left.ranges.some(({ from, to }) => index >= from && index < to)) return null;
  return left.ranges.reduce((at, { from, to }) => (to <= index ? at - (to - from) : at), index);
}

/** What is left out where pieces of what is left are left out as well, all in the same manner; and heads that are off, those before too. */
export function leftOutToo(before: Intervention | null, { ranges, manner, off }: Intervention): Intervention {
  const heads = new Map([...(before?.off ?? []), ...off].map((one) => [`${one.kind}.${one.layer}.${one.head}`, one]));
  const tokens = new Set(
    ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => placeInWhole(from + at, before))),
  );
  for (const { from, to } of before?.ranges ?? []) for (let at = from; at < to; at++) tokens.add(at);
  const joined: { readonly from: number; to: number }[] = [];
  for (const from of [...tokens].sort((one, other) => one - other)) {
    const last = joined.at(-1);
    if (last?.to === from) last.to++;
    else joined.push({ from, to: from + 1 });
  }
  const isOfHeads = before !== null && ranges.length === 0;
  return { ranges: joined, manner: isOfHeads ? before.manner : manner, off: [...heads.values()] };
}
