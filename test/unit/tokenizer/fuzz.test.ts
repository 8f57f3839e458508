/** Seeded: damaged tokenizer.json files and random texts. Always a coded refusal or a sound result, soon. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ExplainError } from '../../../src/errors';
import { createTokenizer, type TextTokenizer } from '../../../src/tokenizer';

const folder = new URL('../../fixtures/tokenizers/', import.meta.url);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  // In one order on every machine: the file system has its own.
  .sort();
const files = names.map((name) => readFileSync(new URL(`${name}/tokenizer.json`, folder)));
const CASES = Number(process.env['FUZZ_CASES'] ?? 5000);

const times = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
const replace = (found: string, content: string) => ({ type: 'Replace', pattern: { String: found }, content });

/** Kinds that were found in real files and in hostile ones; each is put into files wherever one fits. */
const KINDS: readonly unknown[] = [
  replace('a', 'a'.repeat(64)),
  { type: 'Sequence', decoders: times(6, replace('a', 'a'.repeat(64))) },
  { type: 'Sequence', normalizers: times(6, replace('e', 'e'.repeat(64))) },
  { type: 'Sequence', normalizers: [{ type: 'NFKD' }, { type: 'StripAccents' }, { type: 'NFC' }, { type: 'Nmt' }] },
  { type: 'Sequence', normalizers: times(300, { type: 'Prepend', prepend: '▁▁▁▁' }) },
  { type: 'Sequence', pretokenizers: [split('(?:\\r?\\n)+(?!\\r?\\n)'), split('(.)\\1+'), split('(?:ab|a)*')] },
  split(`${'(?:ab)*'.repeat(9)}c`),
  split(`${'(?=(?:a|b)*)'.repeat(12)}(?:a|ab|b)*c`),
  split('(?<=\\p{L})(?=\\p{N})|\\s+(?!\\S)'),
  { Regex: '(?<x>e|n)\\k<x>' },
  { Regex: '(?:[A-Z][a-z]*)+' },
  { type: 'ByteFallback' },
  { type: 'Sequence', decoders: [replace('▁', ' '), { type: 'ByteFallback' }, { type: 'Fuse' }] },
  { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
  { type: 'BPEDecoder', suffix: '</w>' },
  { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '|', cleanup: true },
  { type: 'Strip', content: ' ', start: 1e9, stop: -1 },
  { id: 3, content: '\ud83d', special: true },
  { id: 1, content: '</s>', special: true, lstrip: true, rstrip: true, normalized: true },
  { id: 2, content: 'a'.repeat(2000), special: false },
  'a'.repeat(2000),
  'ab'.repeat(400),
  '\ud83d',
  '\u202e\u2066',
  times(300, 1),
];

/** Texts that went wrong, for every case beside a random one. */
const TEXTS = [
  'a\u0301\u0323\u0301\u0323'.repeat(40),
  '\u202eabc\u2066 שלום </s> [MASK] \u200b\u00ad',
  'ab'.repeat(40),
  '\r\n\r\n aa’s … 今天 🫠 क्षि',
];

/** Mulberry32. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const RANGES: readonly (readonly [number, number])[] = [
  [0, 0x7f],
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x80, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x5ff],
  [0x600, 0x6ff],
  [0x900, 0xdff],
  [0x1100, 0x11ff],
  [0x2000, 0x206f],
  [0x2580, 0x2590],
  [0x3000, 0x30ff],
  [0x4e00, 0x4eff],
  [0xac00, 0xac40],
  [0xd800, 0xdfff],
  [0xfb00, 0xffff],
  [0x1d400, 0x1d4ff],
  [0x1f1e6, 0x1f64f],
  [0x20000, 0x2001f],
];

function randomText(next: (below: number) => number, length: number): string {
  let text = '';
  let [low, high] = RANGES[0] ?? [0, 0];
  for (let i = 0; i < length; i++) {
    if (next(4) === 0) [low, high] = RANGES[next(RANGES.length)] ?? [0, 0];
    text += next(6) === 0 ? ' ' : String.fromCodePoint(low + next(high - low + 1));
  }
  return text;
}

function checkSound(tokenizer: TextTokenizer, text: string): void {
  const { ids, tokens } = tokenizer.encode(text);
  expect(tokens.map((token) => token.id)).toEqual(ids);
  let start = 0;
  let end = 0;
  for (const token of tokens) {
    if (token.start < 0) continue;
    if (token.start < start || token.end < end || token.end > text.length || token.start >= token.end) {
      throw new Error(`token out of order in ${JSON.stringify(text)}: ${JSON.stringify(token)}`);
    }
    ({ start, end } = token);
  }
  for (const { text: shown, parts = [] } of tokenizer.written(ids))
    expect(
      parts.every(({ index, of }) => index >= 1 && index <= of && of <= 4),
      shown,
    ).toBe(true);
  tokenizer.encodeBody(text, [0, text.length]);
}

/** True where it went well, false where it was refused with a code. Anything else is thrown on. */
function survives(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof ExplainError && error.code.startsWith('TOKENIZER_')) return false;
    throw error;
  }
}

/** Undefined where the file was refused with a code. */
function madeOf(tokenizer: Uint8Array): TextTokenizer | undefined {
  const made: TextTokenizer[] = [];
  survives(() => void made.push(createTokenizer({ tokenizer })));
  return made[0];
}

test('random texts on sound tokenizers', { timeout: 120_000 }, () => {
  const next = random(1);
  const tokenizers = files.map((tokenizer) => createTokenizer({ tokenizer }));
  for (let i = 0; i < 1000; i++) {
    const tokenizer = tokenizers[i % tokenizers.length];
    if (tokenizer === undefined) throw new Error('no fixtures');
    const text = randomText(next, 1 + next(120));
    checkSound(tokenizer, text);
    // Read as text, nothing is a special token but what the vocabulary does not know.
    const typed = `${text}</s>[MASK]<|endoftext|>${text}`;
    const plain = tokenizer.encodeBody(typed, [0, typed.length]);
    expect(plain.tokens.filter(({ id, special }) => special && id !== tokenizer.unknownId)).toEqual([]);
  }
});

test('damaged bytes', { timeout: 120_000 }, () => {
  const next = random(2);
  let sound = 0;
  for (let i = 0; i < CASES / 2; i++) {
    const bytes = Uint8Array.from(files[next(files.length)] ?? []);
    // Most of a file is vocabulary: half of the hits go to its ends, where the structure is.
    for (let hits = 1 + next(2); hits > 0; hits--)
      bytes[next(2) === 0 ? next(bytes.length) : next(Math.min(3000, bytes.length))] =
        next(2) === 0 ? 0x30 + next(10) : next(256);
    const cut = next(5) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
    if (survives(() => checkSound(createTokenizer({ tokenizer: cut }), randomText(next, 40)))) sound++;
  }
  expect(sound).toBeGreaterThan(CASES / 20);
});

test('well-formed files with wrong values', { timeout: 120_000 }, () => {
  const next = random(3);
  const oddities = [
    null,
    true,
    -1,
    0,
    1e9,
    0.5,
    '',
    'a',
    '▁',
    'Sequence',
    '(a+)+',
    ...KINDS,
    [],
    {},
    [[]],
    { type: 'ByteLevel' },
    { String: '' },
    { Regex: '\\s*' },
    'a'.repeat(5000),
  ];
  let sound = 0;
  for (let i = 0; i < CASES / 2; i++) {
    const json = JSON.parse((files[next(files.length)] ?? Buffer.from('{}')).toString('utf8')) as Record<
      string,
      unknown
    >;
    for (let hits = 1 + next(2); hits > 0; hits--) replaceSomewhere(json, next, oddities);
    const tokenizer = new TextEncoder().encode(JSON.stringify(json));
    const text = next(3) === 0 ? (TEXTS[next(TEXTS.length)] ?? '') : randomText(next, 40);
    if (survives(() => checkSound(createTokenizer({ tokenizer }), text))) sound++;
  }
  expect(sound).toBeGreaterThan(CASES / 20);
});

/** Kinds that are sound where they stand, by their place in KINDS, with the number of TEXTS that they take. */
const SOUND: Readonly<Record<string, readonly number[]>> = {
  normalizer: [0, 2, 3, 4, 16],
  pre_tokenizer: [5, 8, 13],
  decoder: [0, 11, 12, 13, 14, 15, 16],
  post_processor: [],
};

test.each(files.map((file, index) => [names[index] ?? '', file] as const))(
  'every kind in every place where it may stand: %s',
  { timeout: 120_000 },
  (name, sample) => {
    const file = JSON.parse(sample.toString('utf8')) as object;
    for (const place of ['normalizer', 'pre_tokenizer', 'decoder', 'post_processor'] as const) {
      const sound = KINDS.flatMap((kind, index) => {
        const tokenizer = new TextEncoder().encode(JSON.stringify({ ...file, [place]: kind }));
        const made = madeOf(tokenizer);
        const taken = made ? TEXTS.filter((text) => survives(() => checkSound(made, text))) : [];
        return taken.length === 0 ? [] : [`${index}: ${taken.length}`];
      });
      // This one's added tokens are normalised as well, and grow out of measure in two of them (64 times, six times over).
      const grows = name === 'byte-level-cleaned' && place === 'normalizer' ? [2, 4] : [];
      const wanted = (SOUND[place] ?? []).filter((index) => !grows.includes(index));
      expect(sound, place).toEqual(wanted.map((index) => `${index}: ${TEXTS.length}`));
    }
  },
);

/** Walks down at random and puts an oddity in the place of a value, or removes it. */
function replaceSomewhere(
  json: Record<string, unknown>,
  next: (below: number) => number,
  oddities: readonly unknown[],
): void {
  let at = json;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[next(keys.length)];
    if (key === undefined) return;
    const value = at[key];
    if (typeof value === 'object' && value !== null && next(6) > 0) {
      at = value as Record<string, unknown>;
      continue;
    }
    // Undefined is left out when written as JSON.
    // A copy, as the next hit may walk down into it: the list is the same for every case.
    at[key] = next(5) === 0 ? undefined : structuredClone(oddities[next(oddities.length)]);
    return;
  }
}
