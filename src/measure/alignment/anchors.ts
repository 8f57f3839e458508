/**
 * How well a head aligns, told without a gold standard and in any language: names and numbers that a translation keeps
 * as they are. Where such a word stands once in each text, the one must have come from the other.
 */
import type { AlignedWord } from './alignedWords';
import type { Link } from './alignment';
import type { AlignerScore } from './linkScore';

/** A number, or a name by its capital letter. */
const KEPT = /\p{N}|\p{Lu}/u;

/** The words that stand once, and letter by letter the same, in both texts. */
export function anchorsOf(
  source: readonly AlignedWord[],
  target: readonly AlignedWord[],
): readonly Pick<Link, 'source' | 'target'>[] {
  const places = (words: readonly AlignedWord[]): ReadonlyMap<string, readonly number[]> => {
    const found = new Map<string, number[]>();
    for (const [index, { text, kind }] of words.entries()) {
      const name = text.trim();
      if (kind === 'word' && KEPT.test(name) && (name.length > 1 || /\p{N}/u.test(name)))
        found.set(name, [...(found.get(name) ?? []), index]);
    }
    return found;
  };
  const there = places(target);
  return [...places(source)].flatMap(([name, at]) => {
    const to = there.get(name) ?? [];
    const [one = 0] = at;
    const [other = 0] = to;
    return at.length === 1 && to.length === 1 ? [{ source: one, target: other }] : [];
  });
}

/** How often anchors are found, over several texts. */
export class AnchorScore implements AlignerScore<readonly Pick<Link, 'source' | 'target'>[]> {
  #found = 0;
  #share = 0;
  #all = 0;

  add(weights: Float32Array, sourceWords: number, anchors: readonly Pick<Link, 'source' | 'target'>[]): void {
    for (const { source, target } of anchors) {
      const row = weights.subarray(target * sourceWords, (target + 1) * sourceWords);
      const own = row[source] ?? 0;
      this.#all++;
      this.#share += own;
      if (own > 0 && row.every((weight, key) => key === source || weight < own)) this.#found++;
    }
  }

  /** Share of the anchors whose word has most weight on them, 0 to 1. NaN without any anchor. */
  get score(): number {
    return this.#found / this.#all;
  }

  get share(): number {
    return this.#share / this.#all;
  }
}
