import { expect, test } from 'vitest';
import { alignmentErrorRate, pharaoh, strongestLinks, wordWeights } from '../../../src/measure/alignment/alignment';
import type { Word, WordKind } from '../../../src/measure/words/words';

const word = (from: number, to: number, kind: WordKind = 'word'): Word => ({
  from,
  to,
  kind,
  text: '',
  start: -1,
  end: -1,
});

// Source: the | an imal | . | </s>. Target: <pad> | L' | animal | .
const source = [word(0, 1), word(1, 3), word(3, 4, 'punctuation'), word(4, 5, 'special')];
const target = [word(0, 1, 'special'), word(1, 2), word(2, 3), word(3, 4, 'punctuation')];
const cross = Float32Array.from([
  ...[0.3, 0, 0, 0, 0.7],
  ...[0, 0.125, 0.125, 0.25, 0.5],
  ...[0.1, 0.2, 0.2, 0, 0.5],
  ...[0, 0.5, 0, 0.25, 0.25],
]);

test('separators are left out and punctuation goes with punctuation: rows are shares of what is left', () => {
  const fed = wordWeights(cross, 5, source, target, 'fed');
  const expected = [0, 0, 0, 0, 0, 1, 0, 0, 0.2, 0.8, 0, 0, 0, 0, 1, 0];
  fed.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 6));
});

test('a word is read where it is fed, or one row earlier, where it was predicted', () => {
  const links = (reading: 'fed' | 'predicts'): string =>
    pharaoh(strongestLinks(wordWeights(cross, 5, source, target, reading), 4));
  expect(links('fed')).toBe('1-1 1-2 2-3');
  expect(links('predicts')).toBe('0-1 1-2');
});

test('Pharaoh format is in the order of the source', () => {
  expect(
    pharaoh([
      { source: 2, target: 0 },
      { source: 0, target: 1 },
      { source: 0, target: 0 },
    ]),
  ).toBe('0-0 0-1 2-0');
});

test('alignment error rate, worked by hand', () => {
  const gold = { sure: new Set(['0-0', '1-1']), possible: new Set(['0-0', '1-1', '1-2']) };
  const links = [
    { source: 0, target: 0 },
    { source: 1, target: 2 },
    { source: 2, target: 1 },
  ];
  // |A∩S| = 1, |A∩P| = 2, |A| = 3, |S| = 2.
  expect(alignmentErrorRate([{ links, gold }])).toBeCloseTo(1 - 3 / 5, 10);
  expect(
    alignmentErrorRate([{ links: links.slice(0, 1), gold: { sure: new Set(['0-0']), possible: new Set(['0-0']) } }]),
  ).toBe(0);
});
