/** WordPiece (Schuster & Nakajima 2012; BERT's greedy longest match first), and whole words. */
import { type Fields, invalidTokenizer, string } from '../tokenizerJson';
import type { Segmenter, Pieces } from './segmenter';
import { Trie } from './trie';

/** A word longer than this is the unknown token, whatever the file says: matching takes up to its square. */
const LONGEST_WORD = 1000;

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function wordPiece(config: Fields, vocabulary: ReadonlyMap<string, number>): Segmenter {
  const prefix = string(config['continuing_subword_prefix'] ?? '##', 'model.continuing_subword_prefix');
  const unknownId = vocabulary.get(string(config['unk_token'], 'model.unk_token'));
  if (unknownId === undefined) throw invalidTokenizer('model.unk_token is not in the vocabulary');
  const asked = config['max_input_chars_per_word'];
  const longestWord = typeof asked === 'number' ? Math.min(asked, LONGEST_WORD) : 100;
  const trie = new Trie(vocabulary, vocabulary.size);
  const inside = trie.after(prefix);

  function segment(word: string): Pieces {
    const result: number[] = [];
    // The limit counts characters; only a word between it and twice it needs counting.
    const tooLong =
      word.length > longestWord && (word.length > 2 * longestWord || Array.from(word).length > longestWord);
    for (let from = 0; from < word.length && !tooLong;) {
      const longest = { to: from, id: -1 };
      trie.match(
        word,
        from,
        (to, id) => {
          longest.to = to;
          longest.id = id;
        },
        from > 0 ? inside : 0,
      );
      if (longest.id < 0) return [unknownId ?? 0, 0, word.length, 1];
      result.push(longest.id, from, longest.to, 0);
      from = longest.to;
    }
    return tooLong ? [unknownId ?? 0, 0, word.length, 1] : result;
  }

  return {
    vocabulary,
    unknownId,
    segment,
  };
}

/** @throws ExplainError TOKENIZER_INVALID */
export function wordLevel(vocabulary: ReadonlyMap<string, number>, unknown: string): Segmenter {
  const unknownId = vocabulary.get(unknown);
  if (unknownId === undefined) throw invalidTokenizer('model.unk_token is not in the vocabulary');
  return {
    vocabulary,
    unknownId,
    segment: (word) => [vocabulary.get(word) ?? unknownId, 0, word.length, vocabulary.has(word) ? 0 : 1],
  };
}
