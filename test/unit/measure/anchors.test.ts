import { expect, test } from 'vitest';
import type { AlignmentScore } from '../../../src/attention/types';
import { numbered } from '../../../src/measure/alignment/alignment';
import { alignedWords } from '../../../src/measure/alignment/alignedWords';
import { chooseAlignment } from '../../../src/measure/alignment/alignmentChoice';
import { anchorsOf, AnchorScore } from '../../../src/measure/alignment/anchors';

const word = (text: string, kind: 'word' | 'punctuation' | 'special' = 'word') => ({ from: 0, to: 1, text, kind });
const words = (text: string) => text.split(' ').map((one) => word(one, /[.,]/.test(one) ? 'punctuation' : 'word'));

test('anchors are names and numbers that stand once in both texts', () => {
  expect(anchorsOf(words('In 1987 Anna met Peter and Anna .'), words('En 1987 , Anna a vu Peter .'))).toEqual([
    { source: 1, target: 1 },
    { source: 4, target: 6 },
  ]);
  // A word without capital or digit may be the same by chance, and one letter says little.
  expect(anchorsOf(words('A train on time'), words('A train on'))).toEqual([]);
});

test('a score is the share of anchors that have most of their word’s weight', () => {
  const anchors = [
    { source: 0, target: 0 },
    { source: 1, target: 1 },
    { source: 2, target: 2 },
  ];
  const score = new AnchorScore();
  score.add(Float32Array.from([0.9, 0.1, 0, 0.5, 0.5, 0, 0, 0.75, 0.25]), 3, anchors);
  // The first is found; the second has no more than another; the third has less.
  expect(score.score).toBeCloseTo(1 / 3, 6);
  expect(score.share).toBeCloseTo((0.9 + 0.5 + 0.25) / 3, 6);
  expect(new AnchorScore().score).toBeNaN();
});

const scores: readonly AlignmentScore[] = [
  { source: 'head', layer: 1, head: 0, reading: 'fed', score: 0.95 },
  { source: 'head', layer: 2, head: 4, reading: 'predicts', score: 0.9 },
  { source: 'layer-mean', layer: 2, head: 0, reading: 'predicts', score: 0.8 },
  { source: 'all-mean', layer: 0, head: 0, reading: 'predicts', score: 0.6 },
  { source: 'head', layer: 2, head: 4, reading: 'fed', score: 0.1 },
];
const known = { scores, named: [{ kind: 'cross', layer: 0, head: 3 }] } as const;
const at = { layer: 2, head: 4 };

const LEFT_OPEN = { source: 'best', reading: 'best' } as const;

test('what the user leaves open is the best that was measured', () => {
  expect(chooseAlignment(LEFT_OPEN, at, known)).toBe(scores[0]);
  expect(chooseAlignment({ source: 'best', reading: 'predicts' }, at, known)).toBe(scores[1]);
  expect(chooseAlignment({ source: 'head', reading: 'best' }, at, known)).toBe(scores[1]);
  expect(chooseAlignment({ source: 'head', reading: 'fed' }, at, known)).toBe(scores[4]);
  expect(chooseAlignment({ source: 'layer-mean', reading: 'best' }, at, known)).toBe(scores[2]);
  expect(chooseAlignment({ source: 'all-mean', reading: 'best' }, at, known)).toBe(scores[3]);
});

test('where nothing was measured it is the head that the maker names, or the mean of all', () => {
  const maker = { source: 'head', layer: 0, head: 3, reading: 'fed', score: null };
  expect(chooseAlignment(LEFT_OPEN, at, { ...known, scores: [] })).toEqual(maker);
  expect(chooseAlignment(LEFT_OPEN, at, { scores: [], named: [] })).toMatchObject({ source: 'all-mean' });
  expect(chooseAlignment({ source: 'head', reading: 'predicts' }, at, { scores: [], named: [] })).toMatchObject({
    source: 'head',
    layer: 2,
    head: 4,
    reading: 'predicts',
    score: null,
  });
});

test('words by their kind, and links counted without separators', () => {
  const token = (text: string, more: object = {}) => ({
    id: 1,
    text,
    special: false,
    start: 0,
    end: 1,
    partial: false,
    ...more,
  });
  const tokens = [
    token('<s>', { special: true }),
    token('an'),
    token('imal', { joins: true }),
    token('.'),
    token('\n'),
    token('猫'),
  ];
  expect(alignedWords(tokens).map(({ text, kind }) => `${text.trim()} ${kind}`)).toEqual([
    '<s> special',
    'animal word',
    '. punctuation',
    ' special',
    '猫 word',
  ]);
  const all = alignedWords(tokens);
  const links = [
    { source: 1, target: 4, weight: 1 },
    { source: 4, target: 2, weight: 1 },
  ];
  expect(numbered(links, all, all).map(({ source, target }) => [source, target])).toEqual([
    [0, 2],
    [2, 1],
  ]);
});
