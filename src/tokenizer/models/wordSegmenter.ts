/** Words to tokens, remembering the words seen: a text repeats most of its words. */
import type { Aligned } from '../offsets/aligned';
import { spend } from '../work';
import type { Model, Pieces } from './segmenter';
import type { RawTokens } from '../offsets/placement';

const LONGEST_KEPT = 64;
const MOST_KEPT = 50_000;

export class WordSegmenter {
  private readonly seen = new Map<string, Pieces>();

  constructor(private readonly model: Model) {}

  segment(word: Aligned, into: RawTokens): void {
    const pieces = this.look(word.text);
    spend(1 + pieces.length);
    for (let i = 0; i < pieces.length; i += 4)
      into.pushUnits(pieces[i] ?? 0, word, pieces[i + 1] ?? 0, pieces[i + 2] ?? 0);
  }

  private look(word: string): Pieces {
    const known = this.seen.get(word);
    if (known !== undefined) return known;
    const pieces = this.model.segment(word);
    if (word.length <= LONGEST_KEPT) {
      if (this.seen.size >= MOST_KEPT) this.seen.clear();
      this.seen.set(word, pieces);
    }
    return pieces;
  }
}
