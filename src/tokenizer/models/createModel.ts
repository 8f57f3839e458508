/** The model of a tokenizer.json: byte-pair encoding, WordPiece, WordLevel or Unigram. */
import { bpe } from './bpe';
import {
  type Fields,
  flag,
  invalidTokenizer,
  list,
  object,
  optionalString,
  pieceText,
  string,
  tokenId,
  unsupported,
} from '../tokenizerJson';
import type { Segmenter } from './segmenter';
import { unigram } from './unigram';
import { wordLevel, wordPiece } from './wordPiece';
import { say } from '../../text/say';

/** Vocabularies larger than this are hostile: the largest known has some 300,000 entries. */
const LARGEST_VOCABULARY = 4_000_000;

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createModel(value: unknown): Segmenter {
  const config = object(value, 'model');
  const type = optionalString(config['type'], 'model.type') ?? guessType(config);
  switch (type) {
    case 'BPE':
      return bpe(config, readVocabulary(config['vocab']));
    case 'WordPiece':
      return wordPiece(config, readVocabulary(config['vocab']));
    case 'WordLevel':
      return wordLevel(readVocabulary(config['vocab']), string(config['unk_token'], 'model.unk_token'));
    case 'Unigram':
      return unigram(readScores(config['vocab']), config['unk_id'], flag(config['byte_fallback'], false));
    default:
      throw unsupported(say('tokenizer.uses.modelType', { type: type.slice(0, 80) }));
  }
}

/** Files of old versions leave the type out. */
function guessType(config: Fields): string {
  if (Array.isArray(config['vocab'])) return 'Unigram';
  if (Array.isArray(config['merges'])) return 'BPE';
  return 'continuing_subword_prefix' in config ? 'WordPiece' : 'WordLevel';
}

function readVocabulary(value: unknown): Map<string, number> {
  const entries = Object.entries(object(value, 'model.vocab'));
  if (entries.length > LARGEST_VOCABULARY) throw unsupported(say('tokenizer.uses.largeVocabulary'));
  const vocabulary = new Map<string, number>();
  for (const [piece, id] of entries) vocabulary.set(pieceText(piece, 'model.vocab'), tokenId(id, 'model.vocab'));
  return vocabulary;
}

function readScores(value: unknown): { readonly pieces: readonly string[]; readonly scores: Float64Array } {
  const entries = list(value, 'model.vocab');
  if (entries.length > LARGEST_VOCABULARY) throw unsupported(say('tokenizer.uses.largeVocabulary'));
  const scores = new Float64Array(entries.length);
  const pieces = entries.map((entry, id) => {
    if (!Array.isArray(entry) || typeof entry[1] !== 'number') throw invalidTokenizer(`model.vocab[${id}]`);
    scores[id] = entry[1];
    return pieceText(entry[0], `model.vocab[${id}]`);
  });
  return { pieces, scores };
}
