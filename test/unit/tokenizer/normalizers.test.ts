/** Every normaliser of tokenizer.json: what it makes of a text, and where each unit of that stands in the original. */
import { describe, expect, test } from 'vitest';
import { endOf, startOf, unchanged } from '../../../src/tokenizer/offsets/aligned';
import { normaliseLong } from '../../../src/tokenizer/steps/canonicalOrder';
import { createNormalizer } from '../../../src/tokenizer/steps/normalizers';
import { Random } from '../fuzz/random';

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
const string = (found: string, content: string) => ({ type: 'Replace', pattern: { String: found }, content });
const regex = (found: string, content: string) => ({ type: 'Replace', pattern: { Regex: found }, content });

function normalise(config: object, text: string): { readonly text: string; readonly places: readonly string[] } {
  const made = createNormalizer(config)?.(unchanged(text, 10));
  if (!made) throw new Error('no normaliser');
  const places = made.text.split('').map((_, i) => text.slice(startOf(made, i) - 10, endOf(made, i) - 10));
  return { text: made.text, places };
}

test.each([
  ['NFC', { type: 'NFC' }, 'xe\u0301y', 'xéy', ['x', 'e\u0301', 'y']],
  ['NFD', { type: 'NFD' }, 'xéy', 'xe\u0301y', ['x', 'é', 'é', 'y']],
  ['NFKC', { type: 'NFKC' }, 'ﬁﬀ①', 'fiff1', ['ﬁ', 'ﬁ', 'ﬀ', 'ﬀ', '①']],
  ['NFKD', { type: 'NFKD' }, 'ｅ\u0301', 'e\u0301', ['ｅ', '\u0301']],
  ['NFKC of a final from another block', { type: 'NFKC' }, '가ㄳa', '갃a', ['가ㄳ', 'a']],
  ['NFC of a surrogate pair with a mark', { type: 'NFC' }, '𑄮x', '𑄮x', ['𑄮', '𑄮', 'x']],
  ['Lowercase', { type: 'Lowercase' }, 'İA😀', 'i\u0307a😀', ['İ', 'İ', 'A', '😀'.slice(0, 1), '😀'.slice(1)]],
  ['Strip', { type: 'Strip' }, ' \u3000a b\n', 'a b', ['a', ' ', 'b']],
  ['Strip on the right', { type: 'Strip', strip_left: false }, ' a ', ' a', [' ', 'a']],
  ['StripAccents', { type: 'StripAccents' }, 'e\u0301\u0323a', 'ea', ['e', 'a']],
  ['Replace of a text', string('...', '…'), 'a...b', 'a…b', ['a', '...', 'b']],
  ['Replace of an expression', regex('[’‘]', "'"), 'l’a', "l'a", ['l', '’', 'a']],
  ['Replace by more', string('…', '...'), 'a…', 'a...', ['a', '…', '…', '…']],
  ['Replace by nothing', regex('[\\u00ad\\u200b]+', ''), 'a\u00ad\u200bb', 'ab', ['a', 'b']],
  ['Prepend', { type: 'Prepend', prepend: '▁' }, 'ab', '▁ab', ['', 'a', 'b']],
  ['Nmt', { type: 'Nmt' }, 'a\u0001\u200bb\tc', 'a b c', ['a', '\u200b', 'b', '\t', 'c']],
  ['BertNormalizer', { type: 'BertNormalizer', lowercase: true }, 'É今\0', 'e 今 ', ['É', '今', '今', '今']],
  [
    'a Sequence as recipes have it',
    { type: 'Sequence', normalizers: [string('\u00a0', ' '), string('…', '...'), regex('[“”]', '"'), { type: 'NFC' }] },
    '“e\u0301\u00a0😀…”',
    '"é 😀..."',
    ['“', 'e\u0301', '\u00a0', '😀'.slice(0, 1), '😀'.slice(1), '…', '…', '…', '”'],
  ],
])('%s', (_, config, text, expected, places) => {
  expect(normalise(config, text)).toEqual({ text: expected, places });
});

const PIECES = [
  'a',
  'é',
  'e',
  '\u0301',
  '\u0323',
  '\u0345',
  '\u031b',
  '\u0334',
  '\u05b4',
  '\u0f71',
  '\u0f74',
  '\u1100',
  '\u1161',
  '\u11a8',
  'ㄱ',
  'ㅏ',
  'ㄳ',
  '가',
  'ｶ',
  '\uff9e',
  '\u3099',
  'ﬁ',
  '½',
  '😀',
  '\u{1d15e}',
  'Å',
  '\u0958',
  '\u0344',
  '\u212b',
  '각',
  '\u09c7',
  '\u09be',
  ' ',
];

describe.each(FORMS)('%s of random texts', (form) => {
  test('is what JavaScript makes of the whole, also done by hand, with places in order', () => {
    const random = new Random(5);
    for (let i = 0; i < 1500; i++) {
      const text = Array.from({ length: 1 + random.below(12) }, () => random.pick(PIECES)).join('');
      const made = createNormalizer({ type: form })?.(unchanged(text));
      expect(made?.text, JSON.stringify(text)).toBe(text.normalize(form));
      expect(normaliseLong(text, form), JSON.stringify(text)).toBe(text.normalize(form));
      let [start, end] = [0, 0];
      for (let unit = 0; made && unit < made.text.length; unit++) {
        expect(startOf(made, unit) >= start && endOf(made, unit) >= end && endOf(made, unit) <= text.length).toBe(true);
        [start, end] = [startOf(made, unit), endOf(made, unit)];
      }
    }
  });

  test('and of very many marks too', () => {
    const random = new Random(6);
    const marks = PIECES.filter((piece) => /^\p{M}$/u.test(piece));
    const text = `e${Array.from({ length: 3000 }, () => random.pick(marks)).join('')}가${'\u0323\u0301'.repeat(500)}`;
    expect(createNormalizer({ type: form })?.(unchanged(text)).text).toBe(text.normalize(form));
  });
});
