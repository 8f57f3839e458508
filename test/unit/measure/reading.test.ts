/** What the panel and the editor both show for a token: the same function, so the same numbers. */
import { describe, expect, test } from 'vitest';
import type { KindInfo, TokenWeights } from '../../../src/attention/types';
import { exactNumber, fullNumber, roundedNumber, shortNumber } from '../../../src/measure/numbers';
import { kindFor, readingOf, roleIn, roleOf, type ReadingView } from '../../../src/measure/reading';

const kind = (name: KindInfo['kind'], queries: KindInfo['queries'], keys: KindInfo['keys']): KindInfo => ({
  kind: name,
  layers: 1,
  heads: 2,
  kvHeads: 2,
  queries,
  keys,
});
const KINDS = [
  kind('encoder', 'source', 'source'),
  kind('decoder', 'target', 'target'),
  kind('cross', 'target', 'source'),
];
const VIEW: ReadingView = {
  kind: 'cross',
  layer: 0,
  head: 1,
  measure: 'weight',
  source: { type: 'head' },
  axis: 'tokens',
  cut: { type: 'all' },
  renormalise: false,
  direction: 'to',
  scale: 'fixed',
  hideSpecial: { encoder: false, decoder: false, cross: false },
};
const tokens = (...special: boolean[]) => special.map((one) => ({ special: one }));

const CROSS_KEY: TokenWeights = {
  kind: 'cross',
  role: 'key',
  layers: 1,
  heads: 2,
  length: 3,
  data: new Float32Array([0.5, 0.25, 0.25, 0.125, 0.5, 0.75]),
};
const ENCODER: TokenWeights = {
  kind: 'encoder',
  role: 'query',
  layers: 1,
  heads: 2,
  length: 2,
  data: new Float32Array([0.5, 0.5, 0.25, 0.75]),
};

describe('a token’s kind and role', () => {
  test('a source token in the cross view is who the target looks at, not the encoder’s mean', () => {
    const role = roleOf(KINDS, VIEW, 'source');
    expect([role?.info.kind, role?.role, role?.others]).toEqual(['cross', 'key', 'target']);
    const reading = role && readingOf([ENCODER, CROSS_KEY], role, tokens(false, false, false), VIEW);
    expect([reading?.sequence, ...(reading?.values ?? [])]).toEqual(['target', 0.125, 0.5, 0.75]);
  });

  test('a self-attention is read in the chosen direction, and a token that a kind has not is read in another', () => {
    const role = (direction: 'to' | 'from') => roleOf(KINDS, { ...VIEW, kind: 'encoder', direction }, 'source')?.role;
    expect([role('to'), role('from')]).toEqual(['query', 'key']);
    expect(kindFor(KINDS, 'encoder', 'target')?.kind).toBe('cross');
    expect(kindFor(KINDS.slice(0, 2), 'encoder', 'target')?.kind).toBe('decoder');
  });
});

describe('the scale', () => {
  const [encoder] = KINDS;
  if (!encoder) throw new Error('No kind.');
  const role = roleIn(encoder, 'source', 'to');

  test('is the measure’s own, or goes to the row’s largest number that is shown', () => {
    const read = (view: Partial<ReadingView>, special = tokens(false, false)) =>
      readingOf([ENCODER], role, special, { ...VIEW, kind: 'encoder', ...view });
    expect(read({})?.scale).toBe(1);
    expect(read({ scale: 'row' })?.scale).toBeCloseTo(1 / 0.75, 6);
    const hidden = read({ scale: 'row', hideSpecial: { ...VIEW.hideSpecial, encoder: true } }, tokens(false, true));
    expect(hidden?.scale).toBe(4);
    expect([hidden?.isHidden(0), hidden?.isHidden(1)]).toEqual([false, true]);
    // Head 2 less the mean of both: −0.125 and +0.125.
    const signed = read({ measure: 'difference', scale: 'row' });
    expect([...(signed?.values ?? [])]).toEqual([-0.125, 0.125]);
    expect(signed?.scale).toBe(8);
  });

  test('there is no reading where the weights are not there', () => {
    expect(readingOf([CROSS_KEY], role, tokens(false), VIEW)).toBeUndefined();
  });
});

test('numbers as people read them', () => {
  const weight = { signed: false };
  const signed = { signed: true };
  expect([0, 0.00004, 0.1234567, 1].map((value) => exactNumber(value, weight))).toEqual([
    '0.0000',
    '<0.0001',
    '0.1235',
    '1.0000',
  ]);
  expect([0, -0.00004, 0.25, -0.25].map((value) => exactNumber(value, signed))).toEqual([
    '0.0000',
    '>−0.0001',
    '+0.2500',
    '−0.2500',
  ]);
  expect([0, 0.004, 0.83, 1, 1.5].map((value) => shortNumber(value, weight))).toEqual(['·', '<.01', '.83', '1', '1.5']);
  expect([0.83, -0.05, -1, 0.001].map((value) => shortNumber(value, signed))).toEqual(['+.83', '−.05', '−1', '0']);
  expect([roundedNumber(0.5, weight), roundedNumber(-0.5, signed)]).toEqual(['≈ 0.50', '≈ −0.50']);
  expect([fullNumber(0.123456789, weight), fullNumber(-0.5, signed)]).toEqual(['0.123457', '−0.500000']);
});
