/** Cutting a piece at the matches of a pattern: Rust's `SplitDelimiterBehavior`. */
import { type Aligned, slice } from '../offsets/aligned';
import type { Pattern } from '../patterns/pattern';
import { string, unsupported } from '../tokenizerJson';
import { spend } from '../work';
import { say } from '../../text/say';

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
export type Behavior = (typeof BEHAVIORS)[number];

const PIECE_WORK = 48;

/** Files spell the behaviours `MergedWithNext` or `merged_with_next`. */
export function behaviorOf(value: unknown): Behavior {
  const name = string(value, 'behavior').replaceAll('_', '').toLowerCase();
  const behavior = BEHAVIORS.find((candidate) => candidate.toLowerCase() === name);
  if (behavior === undefined) throw unsupported(say('tokenizer.uses.splitBehaviour', { name: name.slice(0, 80) }));
  return behavior;
}

/** Appends the parts of `piece` to `parts`; empty parts are left out. `invert` swaps matches and what is between. */
export function splitAt(piece: Aligned, pattern: Pattern, behavior: Behavior, invert: boolean, parts: Aligned[]): void {
  const { text } = piece;
  // Flat triples of from, to, match (0 or 1): some hundred thousand for a text of 1 MB.
  const spans: number[] = [];
  let end = 0;
  const between = invert ? 1 : 0;
  // Each cut costs a fixed number of steps, so that a file that cuts a text into single characters again and again is stopped.
  spend(PIECE_WORK);
  pattern.each(text, (from, to) => {
    if (from > end) spans.push(end, from, between);
    end = to;
    if (to > from) spans.push(from, to, 1 - between);
  });
  if (end < text.length) spans.push(end, text.length, between);

  let from = -1;
  let to = -1;
  let joins = false;
  const flush = (): void => {
    if (from >= 0 && to > from) parts.push(slice(piece, from, to));
    from = -1;
  };
  let previous = -1;
  for (let i = 0; i < spans.length; i += 3) {
    const start = spans[i] ?? 0;
    const stop = spans[i + 1] ?? 0;
    const matched = spans[i + 2] ?? 0;
    if (behavior === 'Removed' && matched === 1) {
      flush();
    } else {
      joins =
        (behavior === 'Contiguous' && matched === previous) ||
        (behavior === 'MergedWithPrevious' && matched === 1 && previous === 0) ||
        (behavior === 'MergedWithNext' && matched === 0 && previous === 1);
      if (!joins) flush();
      if (from < 0) from = start;
      to = stop;
    }
    previous = matched;
  }
  flush();
}
