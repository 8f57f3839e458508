/** WordPiece (Schuster & Nakajima 2012; BERT's greedy longest match first), and whole words. */
import { type Fields, invalid, string, unsupported } from '../tokenizerJson';
import { byId, type Model, type Pieces } from './segmenter';

/** A word longer than this is the unknown token, whatever the file says: matching is quadratic in it. */
const LONGEST_WORD = 1000;
const LONGEST_PIECE = 1000;

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function wordPiece(config: Fields, vocabulary: ReadonlyMap<string, number>): Model {
  const prefix = string(config['continuing_subword_prefix'] ?? '##', 'model.continuing_subword_prefix');
  const unknownId = vocabulary.get(string(config['unk_token'], 'model.unk_token'));
  if (unknownId === undefined) throw invalid('model.unk_token is not in the vocabulary');
  const asked = config['max_input_chars_per_word'];
  const longestWord = typeof asked === 'number' ? Math.min(asked, LONGEST_WORD) : 100;
  const pieces = byId(vocabulary);
  let longestPiece = 1;
  for (const piece of vocabulary.keys()) longestPiece = Math.max(longestPiece, piece.length);
  if (longestPiece > LONGEST_PIECE) throw unsupported(`a piece of more than ${LONGEST_PIECE} characters`);

  function segment(word: string): Pieces {
    const result: number[] = [];
    // The limit counts characters; only a word between it and twice it needs counting.
    const tooLong = word.length > longestWord && (word.length > 2 * longestWord || Array.from(word).length > longestWord);
    for (let from = 0; from < word.length && !tooLong; ) {
      let to = Math.min(word.length, from + longestPiece);
      let id: number | undefined;
      for (; to > from; to--) {
        id = vocabulary.get((from > 0 ? prefix : '') + word.slice(from, to));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknownId ?? 0, 0, word.length, 1];
      result.push(id, from, to, 0);
      from = to;
    }
    return tooLong ? [unknownId ?? 0, 0, word.length, 1] : result;
  }

  return {
    vocabulary,
    unknownId,
    segment,
    standsFor: (id, part) => pieces[id] === part || pieces[id] === prefix + part,
  };
}

/** @throws ExplainError TOKENIZER_INVALID */
export function wordLevel(vocabulary: ReadonlyMap<string, number>, unknown: string): Model {
  const unknownId = vocabulary.get(unknown);
  if (unknownId === undefined) throw invalid('model.unk_token is not in the vocabulary');
  const pieces = byId(vocabulary);
  return {
    vocabulary,
    unknownId,
    segment: (word) => [vocabulary.get(word) ?? unknownId, 0, word.length, vocabulary.has(word) ? 0 : 1],
    standsFor: (id, part) => pieces[id] === part,
  };
}
