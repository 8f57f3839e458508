/** Files that would take for ever or grow without end are refused soon; what takes long anyway grows with the text only. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ExplainError } from '../../../src/errors';
import { PairTable } from '../../../src/tokenizer/models/pairTable';
import { createTokenizer } from '../../../src/tokenizer';

const fixtures = new URL('../../fixtures/tokenizers/', import.meta.url);
const names = ['byte-level-cleaned', 'word-piece', 'word-level', 'unigram-nfkc', 'unigram-charsmap', 'bpe-suffix'];
const load = (name: string) =>
  createTokenizer({ tokenizer: readFileSync(new URL(`${name}/tokenizer.json`, fixtures)) });
const file = (parts: Readonly<Record<string, unknown>>): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      model: MODEL,
      ...parts,
    }),
  );
const VOCAB = Object.fromEntries(['<unk>', ...Array.from(' abcxy')].map((piece, id) => [piece, id]));
const MODEL = { type: 'BPE', vocab: VOCAB, merges: [], unk_token: '<unk>' };
const replace = (found: string, content: string) => ({ type: 'Replace', pattern: { String: found }, content });
const many = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);

/** The code that it is refused with, and the seconds of processor time that takes. */
function refusal(run: () => unknown): { readonly code: string; readonly seconds: number } {
  const before = process.cpuUsage();
  let code = 'nothing thrown';
  try {
    run();
  } catch (error) {
    code = error instanceof ExplainError ? error.code : `not coded: ${String(error)}`;
  }
  const used = process.cpuUsage(before);
  return { code, seconds: (used.user + used.system) / 1e6 };
}

const LONG = 'ab c'.repeat(25_000);

test.each([
  [
    'decoder steps that each multiply',
    { decoder: { type: 'Sequence', decoders: many(12, replace('a', 'a'.repeat(64))) } },
  ],
  [
    'very many decoder steps, of which each puts a space before a piece',
    { decoder: { type: 'Sequence', decoders: many(100_000, { type: 'WordPiece' }) } },
  ],
  ['one that multiplies very much', { decoder: replace('a', 'a'.repeat(5_000_000)) }],
  [
    'normaliser steps that each multiply',
    { normalizer: { type: 'Sequence', normalizers: many(12, replace('a', 'a'.repeat(30))) } },
  ],
  [
    'normaliser steps that grow by a little each',
    { normalizer: { type: 'Sequence', normalizers: many(3000, { type: 'Prepend', prepend: 'a'.repeat(2000) }) } },
  ],
  ['very many normaliser steps', { normalizer: { type: 'Sequence', normalizers: many(20_000, replace('xx', 'yy')) } }],
  [
    'very many pre-tokenizer steps',
    { pre_tokenizer: { type: 'Sequence', pretokenizers: many(5000, { type: 'FixedLength', length: 1 }) } },
  ],
  ['a vocabulary piece of 30 MB', { model: { ...MODEL, vocab: { ...VOCAB, ['a'.repeat(30_000_000)]: 9 } } }],
  [
    'a unigram piece that is very long',
    {
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: [
          ['<unk>', 0],
          ['b'.repeat(2000), -1],
        ],
      },
    },
  ],
  ['an added token that is very long', { added_tokens: [{ id: 9, content: 'a'.repeat(5000), special: true }] }],
  ['half of a character as a piece', { model: { ...MODEL, vocab: { ...VOCAB, '\ud83d': 9 } } }],
  [
    '200,000 end tokens',
    {
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ Sequence: { id: 'A' } }, { SpecialToken: { id: 'x' } }],
        special_tokens: { x: { ids: many(200_000, 1) } },
      },
    },
  ],
  [
    'repeated words, nine times',
    { pre_tokenizer: { type: 'Split', pattern: { Regex: `${'(?:ab)*'.repeat(9)}!` }, behavior: 'Isolated' } },
  ],
  [
    'an expression that no probe finds',
    {
      pre_tokenizer: {
        type: 'Split',
        pattern: { Regex: '(?:(?=(?:ab| |c)+)(?:ab|ab c| c|a|b))+(?:ab c)*(?:ab c|ab| )*!' },
        behavior: 'Isolated',
      },
    },
  ],
  [
    'slow expressions in a file that is made long by nothing',
    {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: many(200, { type: 'Split', pattern: { Regex: '[^]*[^]*!' }, behavior: 'Isolated' }),
      },
      padding: ' '.repeat(30_000_000),
    },
  ],
  [
    'steps that write every byte anew',
    {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { String: ' ' }, behavior: 'Isolated' },
          { type: 'Metaspace', replacement: 'é' },
          ...many(300, { type: 'ByteLevel', use_regex: false }),
        ],
      },
    },
  ],
  [
    'very many expressions at their limit',
    {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: many(500, { type: 'Split', pattern: { Regex: '\\s*a*\\s*!' }, behavior: 'Isolated' }),
      },
    },
  ],
])('%s', { timeout: 60_000 }, (_, parts) => {
  const { code, seconds } = refusal(() => {
    const tokenizer = createTokenizer({ tokenizer: file(parts) });
    tokenizer.encode(LONG);
    tokenizer.encode('ab'.repeat(40));
  });
  expect(code).toMatch(/^TOKENIZER_(?:INVALID|UNSUPPORTED)$/u);
  expect(seconds).toBeLessThan(8);
});

test('a word of a thousand letters costs no more than its square', () => {
  const vocab = Object.fromEntries(
    ['[UNK]', 'a', ...Array.from({ length: 999 }, (_, i) => '##' + 'a'.repeat(i + 1))].map((piece, id) => [piece, id]),
  );
  const model = { type: 'WordPiece', vocab, unk_token: '[UNK]', max_input_chars_per_word: 1000 };
  const tokenizer = createTokenizer({ tokenizer: file({ model, pre_tokenizer: { type: 'WhitespaceSplit' } }) });
  const { code, seconds } = refusal(() => tokenizer.encode(`${'a'.repeat(999)}b `.repeat(100)));
  expect(code).toBe('nothing thrown');
  expect(seconds).toBeLessThan(3);
});

/** Pairs of ids that a table with fixed factors, as there was, puts into one and the same slot. */
function collidingPairs(count: number, slots: number): readonly (readonly [number, number])[] {
  const [one, other] = [0x9e3779b1, 0x85ebca6b];
  let inverse = 1;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(other, inverse));
  const pairs: (readonly [number, number])[] = [];
  for (let first = 0; pairs.length < count; first++) {
    for (let high = 0; high < 64; high++) {
      // A hash whose lowest bits are 0 once its higher ones are mixed in.
      const top = (high << 17) >>> 0;
      const hash = top | ((top >>> 15) & (slots - 1));
      const second = Math.imul(Math.imul(first, one) ^ hash, inverse) >>> 0;
      const at = (Math.imul(first, one) ^ Math.imul(second, other)) >>> 0;
      if (second < 2 ** 24 && ((at ^ (at >>> 15)) & (slots - 1)) === 0) pairs.push([first, second]);
    }
  }
  return pairs;
}

test('no pairs can be made that all collide', () => {
  const pairs = collidingPairs(60_000, 2 ** 17);
  const { code, seconds } = refusal(() => {
    const table = new PairTable(pairs.length);
    pairs.forEach(([first, second], index) => table.set(first, second, index));
    if (!pairs.every(([first, second]) => table.get(first, second) >= 0)) throw new Error('a pair is gone');
  });
  expect(code).toBe('nothing thrown');
  expect(seconds).toBeLessThan(1);
});

describe.each(names)('100 kB of combining marks: %s', (name) => {
  const tokenizer = load(name);
  test.each([
    ['alternating', 'a' + '\u0301\u0323'.repeat(50_000)],
    ['of many classes, backwards', '\u0345\u0315\u0301\u0323\u031b\u0327\u0334'.repeat(14_000)],
    ['of Hangul and voice marks', '\u1100\u1161\u11a8\uff9e\u3099\u0f71\u0f72'.repeat(14_000)],
    ['one after each letter', 'e\u0301'.repeat(50_000)],
  ])('%s', (_, text) => {
    const { code, seconds } = refusal(() => tokenizer.encode(text));
    expect(code).toBe('nothing thrown');
    expect(seconds).toBeLessThan(1.5);
  });
});
