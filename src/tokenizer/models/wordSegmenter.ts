/** Words to tokens, remembering the words seen: a text repeats most of its words. */
import type { Aligned } from '../offsets/aligned';
import type { Model, Pieces } from './segmenter';
import type { RawTokens } from '../offsets/placement';

const LONGEST_KEPT = 64;
const MOST_KEPT = 50_000;

interface Segmented {
  readonly pieces: Pieces;
  /** Each token's piece is the part of the word that it is placed on. */
  readonly sound: boolean;
}

export class WordSegmenter {
  private readonly seen = new Map<string, Segmented>();

  constructor(private readonly model: Model) {}

  segment(word: Aligned, into: RawTokens): void {
    const { pieces, sound } = this.look(word.text);
    if (!sound) into.mismatch = true;
    for (let i = 0; i < pieces.length; i += 4) into.pushUnits(pieces[i] ?? 0, word, pieces[i + 1] ?? 0, pieces[i + 2] ?? 0);
  }

  private look(word: string): Segmented {
    const known = this.seen.get(word);
    if (known !== undefined) return known;
    const pieces = this.model.segment(word);
    const segmented = { pieces, sound: this.isSound(word, pieces) };
    if (word.length <= LONGEST_KEPT) {
      if (this.seen.size >= MOST_KEPT) this.seen.clear();
      this.seen.set(word, segmented);
    }
    return segmented;
  }

  private isSound(word: string, pieces: Pieces): boolean {
    for (let i = 0; i < pieces.length; i += 4) {
      if (pieces[i + 3] === 0 && !this.model.standsFor(pieces[i] ?? 0, word.slice(pieces[i + 1], pieces[i + 2]))) return false;
    }
    return true;
  }
}
