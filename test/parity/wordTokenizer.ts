/** A tokenizer for models that have none: one word a token. */
export const WORDS = 99;
export const MASK = 3;

/** Token i is the word `w{i}`; `[MASK]` is token 3. */
export function wordTokenizer(words = WORDS): Uint8Array {
  const vocab = Object.fromEntries(Array.from({ length: words }, (_, id) => [id === MASK ? '[MASK]' : `w${id}`, id]));
  const json = {
    version: '1.0',
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    added_tokens: [
      {
        id: MASK,
        content: '[MASK]',
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    model: { type: 'WordLevel', vocab, unk_token: 'w0' },
  };
  return new TextEncoder().encode(JSON.stringify(json));
}
