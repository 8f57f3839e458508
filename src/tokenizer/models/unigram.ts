/** The unigram language model's best segmentation (Kudo 2018), Viterbi, as the Rust crate `tokenizers` does it. */
import { invalidTokenizer, tokenId } from '../tokenizerJson';
import { byteFallback, type Segmenter, type Pieces } from './segmenter';
import { spend } from '../work';
import { Trie } from './trie';

/** SentencePiece's penalty of an unknown character below the worst piece. */
const UNKNOWN_PENALTY = 10;

/** @throws ExplainError TOKENIZER_INVALID */
export function unigram(
  entries: { readonly pieces: readonly string[]; readonly scores: Float64Array },
  unknown: unknown,
  fallback: boolean,
): Segmenter {
  const { pieces, scores } = entries;
  if (pieces.length === 0) throw invalidTokenizer('model.vocab is empty');
  const unknownId = unknown === null || unknown === undefined ? null : tokenId(unknown, 'model.unk_id');
  if (unknownId !== null && unknownId >= pieces.length) throw invalidTokenizer('model.unk_id is not in the vocabulary');
  const vocabulary = new Map(pieces.map((piece, id) => [piece, id]));
  const trie = new Trie(vocabulary, vocabulary.size);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;

  /** best[i]: the score of the best path to unit i; its last piece is [begins[i], i) with id lasts[i] (-1 unknown). */
  function segment(word: string): Pieces {
    const { length } = word;
    const best = new Float64Array(length + 1);
    const begins = new Int32Array(length + 1).fill(-1);
    const lasts = new Int32Array(length + 1);
    const offer = (from: number, to: number, id: number, score: number): void => {
      const candidate = score + (best[from] ?? 0);
      if (begins[to] !== -1 && candidate <= (best[to] ?? 0)) return;
      best[to] = candidate;
      begins[to] = from;
      lasts[to] = id;
    };
    for (let from = 0, width = 1; from < length; from += width) {
      width = (word.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
      const single = { found: false };
      trie.match(word, from, (to, id) => {
        offer(from, to, id, scores[id] ?? 0);
        if (to - from === width) single.found = true;
      });
      if (!single.found) offer(from, from + width, -1, unknownScore);
    }
    return collect(word, begins, lasts);
  }

  /** Neighbouring unknown characters become one token. */
  function collect(word: string, begins: Int32Array, lasts: Int32Array): Pieces {
    const spans: [number, number][] = [];
    spend(word.length);
    let fusing = false;
    for (let to = word.length; to > 0;) {
      const from = Math.max(0, begins[to] ?? 0);
      const isUnknown = lasts[to] === -1 || lasts[to] === unknownId;
      const last = spans[spans.length - 1];
      if (isUnknown && fusing && last !== undefined) last[0] = from;
      else spans.push([from, to]);
      fusing = isUnknown;
      to = from;
    }
    const result: number[] = [];
    for (const [from, to] of spans.reverse()) {
      const text = word.slice(from, to);
      const id = vocabulary.get(text);
      if (id !== undefined) result.push(id, from, to, id === unknownId ? 1 : 0);
      else if (!fallback || !pushBytes(result, text, from)) {
        if (unknownId === null) throw invalidTokenizer('a character has no piece and there is no unknown token');
        result.push(unknownId, from, to, 1);
      }
    }
    return result;
  }

  /** One token a byte, each standing for its own character. */
  function pushBytes(result: number[], text: string, from: number): boolean {
    const added: number[] = [];
    let at = from;
    for (const character of text) {
      const ids = byteFallback(character, vocabulary);
      if (ids === null) return false;
      for (const id of ids) added.push(id, at, at + character.length, 0);
      at += character.length;
    }
    for (const value of added) result.push(value);
    return true;
  }

  return {
    vocabulary,
    unknownId,
    segment,
  };
}
