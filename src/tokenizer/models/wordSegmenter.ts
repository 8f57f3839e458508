/** Words to tokens, remembering the words seen: a text repeats most of its words. */
import { type Aligned, slice } from '../offsets/aligned';
import { spend } from '../work';
import type { Segmenter, Pieces } from './segmenter';
import type { RawTokens } from '../offsets/placement';

const LONGEST_KEPT = 64;
const MOST_KEPT = 50_000;

export class WordSegmenter {
  private readonly seen = new Map<string, Pieces>();

  constructor(private readonly model: Segmenter) {}

  /** @param avoid tokens that the word must not become: their text is cut behind its first character instead */
  segment(word: Aligned, into: RawTokens, avoid?: ReadonlySet<number>): void {
    const pieces = this.look(word.text);
    spend(1 + pieces.length);
    for (let i = 0; i < pieces.length; i += 4) {
      const [id = 0, from = 0, to = 0, unknown = 0] = pieces.slice(i, i + 4);
      const middle = from + ((word.text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
      if (unknown === 0 && middle < to && avoid?.has(id) === true) {
        this.segment(slice(word, from, middle), into, avoid);
        this.segment(slice(word, middle, to), into, avoid);
      } else into.pushUnits(id, word, from, to);
    }
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
