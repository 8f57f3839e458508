/** What the lesson changes for once, and what a run then reads. */
import type { SequenceName } from '../attention/types';

/** Places 0 to length - 1 in another order, always the same one for a length (Fisher and Yates, a linear congruential generator). */
export function shuffled(length: number): readonly number[] {
  const order = Array.from({ length }, (_, index) => index);
  let state = 12345;
  for (let last = length - 1; last > 0; last--) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const other = (state >> 8) % (last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

export type Sequences = Readonly<Record<SequenceName, readonly number[]>>;

/** The texts with one token put in another's place. */
export function withToken(texts: Sequences, sequence: SequenceName, index: number, id: number): Sequences {
  return { ...texts, [sequence]: texts[sequence].map((own, at) => (at === index ? id : own)) };
}
