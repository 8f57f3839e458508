/** What the engine and the views rely on: offsets, halves of characters, special tokens, refusals. */
import { readFileSync } from 'node:fs';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { ExplainError } from '../../../src/errors';
import { createTokenizer, type TextTokenizer } from '../../../src/tokenizer';

const fixtures = new URL('../../fixtures/tokenizers/', import.meta.url);
const bundledFolder = new URL('../../../models/en-fr/', import.meta.url);
const load = (name: string): TextTokenizer =>
  createTokenizer({ tokenizer: readFileSync(new URL(`${name}/tokenizer.json`, fixtures)) });
const texts = JSON.parse(readFileSync(new URL('texts.json', fixtures), 'utf8')) as readonly string[];
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const minimal = (parts: Readonly<Record<string, unknown>>): Uint8Array =>
  bytes({ added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...parts });
const characters = {
  type: 'BPE',
  vocab: Object.fromEntries(['<unk>', ...' .abcdefghijklmnopqrstuvwxyz\'"'.split('')].map((c, i) => [c, i])),
  merges: [],
  unk_token: '<unk>',
};

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof ExplainError ? error.code : `not coded: ${String(error)}`;
  }
  return 'nothing thrown';
}

describe('the bundled model’s tokenizer', () => {
  const dropped = /^[\u200b-\u200d\u2060\ufeff\u00ad]*$/u;
  const json = readFileSync(new URL('tokenizer.json', bundledFolder));
  const config = readFileSync(new URL('tokenizer_config.json', bundledFolder));
  const tokenizer = createTokenizer({ tokenizer: json, config });
  const library = new LibraryTokenizer(
    JSON.parse(json.toString('utf8')) as object,
    JSON.parse(config.toString('utf8')) as object,
  );

  test.each(texts.map((text) => [JSON.stringify(text), text]))('%s', (_, text) => {
    const made = tokenizer.encode(text);
    // The library's white space and special-token rules differ for a few characters.
    if (!/[\ufeff\u0085]|<\/?\w+>/u.test(text)) expect(made.ids).toEqual(library.encode(text).ids);
    const body = made.tokens.slice(made.bodyStart, made.bodyEnd);
    let reached = 0;
    for (const token of body.filter((t) => t.start >= 0)) {
      // Between tokens lies only what the normaliser drops.
      expect(text.slice(reached, token.start)).toMatch(dropped);
      if (!token.partial && token.start < reached) expect(text.slice(token.start, token.end)).toMatch(/^[…‥ﬀ-ﬆ]$/u);
      reached = token.end;
    }
    expect(text.slice(reached)).toMatch(dropped);
  });

  test('the end of sequence is a special token after the text', () => {
    const made = tokenizer.encode('Hello');
    expect(made.tokens.at(-1)).toMatchObject({
      id: tokenizer.named('eos'),
      text: '</s>',
      special: true,
      start: -1,
      end: -1,
    });
    expect(made.bodyEnd).toBe(made.tokens.length - 1);
  });
});

test('a token that is some bytes of a character covers the whole character, and says so', () => {
  const { tokens } = load('byte-level').encode('a🫠b');
  const halves = tokens.filter((token) => token.partial);
  expect(halves.length).toBeGreaterThan(1);
  expect(halves.map((token) => [token.start, token.end])).toEqual(halves.map(() => [1, 3]));
  expect(tokens.at(-1)).toMatchObject({ text: 'b', start: 3, end: 4, partial: false });
});

/** What is shown of tokens: text, and which parts of its characters. */
const shown = (tokens: readonly Token[]): readonly string[] =>
  tokens.map(({ text, parts = [] }) => [text, ...parts.map(({ index, of }) => `${index}/${of}`)].join(' '));

describe.each(['byte-level', 'byte-level-roberta', 'bpe-byte-fallback', 'bpe-metaspace'])(
  'characters that the vocabulary splits into bytes: %s',
  (name) => {
    const tokenizer = load(name);

    test.each(['’', '今', 'م', 'क्षि', '🫠', 'é', '今天天气', 'a🫠b', '“ok” … 日本'])(
      '%s has its parts by name',
      (text) => {
        const { tokens, ids } = tokenizer.encodeBody(text);
        expect(tokens.map((token) => token.text).join('')).not.toContain('\ufffd');
        for (const { parts = [], partial } of tokens) expect(parts.length > 0).toBe(partial);
        // What is generated reads as what is typed, once it is complete.
        const written = tokenizer.written(ids);
        expect(written.map((token) => [token.text.trim(), token.parts])).toEqual(
          tokens.map((token) => [token.text.trim(), token.parts]),
        );
      },
    );
  },
);

describe('what is generated', () => {
  const tokenizer = load('bpe-byte-fallback');
  const { ids } = tokenizer.encodeBody('a🫠b');

  test('a character is a part until it is complete', () => {
    expect(shown(tokenizer.written(ids))).toEqual([' a', '🫠 1/4', '🫠 2/4', '🫠 3/4', '🫠 4/4', 'b']);
    expect(tokenizer.tokenText(ids[1] ?? -1)).toBe('\ufffd');
    expect(shown(tokenizer.written(ids.slice(0, 3)))).toEqual([' a', '\ufffd', '\ufffd']);
    expect(tokenizer.written(ids.slice(0, 2)).at(-1)).toMatchObject({ text: '\ufffd', partial: true });
    // Cut off by another one: it never becomes a character.
    expect(shown(tokenizer.written([...ids.slice(0, 3), ids[5] ?? 0]))).toEqual([' a', '\ufffd', '\ufffd', 'b']);
  });

  test('a candidate shows what it would complete, or which bytes it is', () => {
    expect(tokenizer.after(ids.slice(0, 4), ids[4] ?? 0)).toEqual({ text: '🫠', parts: [{ index: 4, of: 4 }] });
    expect(tokenizer.after(ids.slice(0, 1), ids[1] ?? 0)).toEqual({ text: '<0xF0>' });
    expect(tokenizer.after(ids, ids[0] ?? 0)).toEqual({ text: ' a' });
  });
});

test('a token with the end of one character and the beginning of the next has a part of each', () => {
  // The bytes of ‘é’ are Ã and ©, those of ‘è’ Ã and ¨ in the byte-level alphabet.
  const vocab = { Ã: 0, '©Ã': 1, '¨': 2 };
  const tokenizer = createTokenizer({
    tokenizer: minimal({
      model: { type: 'BPE', vocab: { ...vocab, '©': 3 }, merges: ['© Ã'] },
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      decoder: { type: 'ByteLevel' },
    }),
  });
  const expected = ['é 1/2', 'éè 2/2 1/2', 'è 2/2'];
  expect(shown(tokenizer.encodeBody('éè').tokens)).toEqual(expected);
  expect(shown(tokenizer.written([0, 1, 2]))).toEqual(expected);
});

test('byte tokens of Llama’s kind are halves too', () => {
  const { tokens } = load('bpe-byte-fallback').encode('a🫠b');
  expect(tokens.filter((token) => token.partial).map((token) => [token.start, token.end])).toEqual([
    [1, 3],
    [1, 3],
    [1, 3],
    [1, 3],
  ]);
});

test('a window of the body is wrapped in the special tokens', () => {
  const tokenizer = load('word-piece');
  const body = tokenizer.encodeBody('The cat sat on the mat');
  const window = tokenizer.wrap(body.tokens.slice(1, 3));
  expect(window.map((token) => token.special)).toEqual([true, false, false, true]);
  expect(window[1]).toBe(body.tokens[1]);
  expect(window.length).toBe(2 + tokenizer.frameLength);
  expect(tokenizer.maskToken?.text).toBe('[MASK]');
});

test('WordPiece: lower case, accents and unknown words keep their places', () => {
  const text = 'The  Café, 🫠 sat';
  const { tokens } = load('word-piece').encode(text);
  expect(
    tokens
      .filter((token) => token.start >= 0)
      .map((token) => text.slice(token.start, token.end))
      .join('|')
      .replaceAll('|', ''),
  ).toBe('TheCafé,🫠sat');
});

test('a recipe’s normalisers keep positions: … to three dots, curly quotes, zero-width spaces', () => {
  const normalizer = {
    type: 'Sequence',
    normalizers: [
      ['…', '...'],
      ['’', "'"],
      ['\u200b', ''],
    ].map(([a, b]) => ({ type: 'Replace', pattern: { String: a }, content: b })),
  };
  const tokenizer = createTokenizer({ tokenizer: minimal({ model: characters, normalizer }) });
  const { tokens } = tokenizer.encode('a…b’c\u200bd');
  expect(tokens.map((t) => [t.text, t.start, t.end, t.partial])).toEqual([
    ['a', 0, 1, false],
    ['.', 1, 2, true],
    ['.', 1, 2, true],
    ['.', 1, 2, true],
    ['b', 2, 3, false],
    ["'", 3, 4, false],
    ['c', 4, 5, false],
    ['d', 6, 7, false],
  ]);
});

describe.each([
  'byte-level',
  'word-piece',
  'unigram-nfkc',
  'unigram-charsmap',
  'bpe-byte-fallback',
  'bpe-suffix',
  'word-level',
])('odd texts: %s', (name) => {
  const tokenizer = load(name);
  test.each([
    ['lone surrogates', 'a\ud83d b\ude42\ud83d'],
    ['NUL', 'a\0b\0'],
    ['empty', ''],
    ['only spaces', '   \t\r\n'],
    ['script', '</script><!--'],
  ])('%s', (_, text) => {
    const made = tokenizer.encode(text);
    expect(made.tokens.length).toBe(made.ids.length);
    for (const token of made.tokens) expect(token.end <= text.length && token.start <= token.end).toBe(true);
  });
});

test.each(['byte-level', 'word-piece', 'unigram-charsmap', 'bpe-byte-fallback'])(
  '1 MB is encoded in linear time: %s',
  { timeout: 60_000 },
  (name) => {
    const tokenizer = load(name);
    const long = texts.join(' ').repeat(1000);
    const cost = (size: number): number => {
      const before = process.cpuUsage();
      expect(tokenizer.encode(long.slice(0, size)).ids.length).toBeGreaterThan(size / 20);
      const used = process.cpuUsage(before);
      return (used.user + used.system) / 1e6;
    };
    cost(100_000);
    expect(cost(1_000_000)).toBeLessThan(8);
  },
);

describe('refusals', () => {
  const regex = (source: string): Uint8Array =>
    minimal({
      model: characters,
      pre_tokenizer: { type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false },
    });
  test.each([
    ['no file', null, 'TOKENIZER_MISSING'],
    ['not JSON', new Uint8Array([1, 2, 3]), 'TOKENIZER_INVALID'],
    ['a list', bytes([]), 'TOKENIZER_INVALID'],
    ['no model', bytes({}), 'TOKENIZER_INVALID'],
    ['a model of tomorrow', minimal({ model: { type: 'Diffusion', vocab: {} } }), 'TOKENIZER_UNSUPPORTED'],
    ['a merge out of the vocabulary', minimal({ model: { ...characters, merges: ['a é'] } }), 'TOKENIZER_INVALID'],
    ['an unknown normaliser', minimal({ model: characters, normalizer: { type: 'Rot13' } }), 'TOKENIZER_UNSUPPORTED'],
    ['exponential: (a+)+$', regex('(a+)+$'), 'TOKENIZER_UNSUPPORTED'],
    ['exponential: (a|a)*b', regex('(a|a)*b'), 'TOKENIZER_UNSUPPORTED'],
    ['cubic: a*a*a*b', regex('a*a*a*a*b'), 'TOKENIZER_UNSUPPORTED'],
    ['a broken expression', regex('(a'), 'TOKENIZER_UNSUPPORTED'],
  ])('%s', (_, tokenizer, code) => {
    expect(codeOf(() => createTokenizer({ tokenizer }))).toBe(code);
  });

  test.each([
    [
      'GPT-4',
      String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ],
    [
      'GPT-4o',
      String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+`,
    ],
    [
      'class intersections',
      String.raw`[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{M}&&[^\p{Han}]]+|[\p{Lu}\p{Lt}\p{M}&&[^\p{Han}]]+|\s+(?!\S)|\s+`,
    ],
    ['thousands', String.raw`\d{1,3}(?=(?:\d{3})*\b)|\D+`],
    [
      'DeepSeek',
      '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_\x60{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+',
    ],
  ])('the patterns of known models are none: %s', (_, source) => {
    expect(codeOf(() => createTokenizer({ tokenizer: regex(source) }))).toBe('nothing thrown');
  });

  test('a normaliser that makes texts explode is stopped', () => {
    const bomb = {
      type: 'Sequence',
      normalizers: Array.from({ length: 12 }, () => ({
        type: 'Replace',
        pattern: { String: 'a' },
        content: 'a'.repeat(60),
      })),
    };
    const tokenizer = createTokenizer({ tokenizer: minimal({ model: characters, normalizer: bomb }) });
    expect(codeOf(() => tokenizer.encode('aaaa'))).toBe('TOKENIZER_INVALID');
  });
});
