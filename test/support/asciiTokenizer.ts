/**
 * A tokenizer for the fixtures with random weights, which have 99 tokens: the 95 printable characters of ASCII, one
 * token each, and four specials. A real tokenizer.json, only a small one.
 */
const SPECIALS = ['<unk>', '<s>', '</s>', '<mask>'];

export function asciiTokenizer(): string {
  const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIALS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries([...SPECIALS, ...characters].map((piece, id) => [piece, id])),
      merges: [],
    },
  });
}

export const asciiTokenizerConfig = (): string =>
  JSON.stringify({
    unk_token: '<unk>',
    bos_token: '<s>',
    eos_token: '</s>',
    mask_token: '<mask>',
    model_max_length: 64,
  });
