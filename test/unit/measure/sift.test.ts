/** Cutting a row to a share of its mass or to a weight, and renormalising what is left: cases worked by hand. */
import { describe, expect, test } from 'vitest';
import type { RowCut, Sieve } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { isSifting, siftColumn, siftMapInSteps, siftRow, sieveKey } from '../../../src/measure/sift';

const ROW = new Float32Array([0.5, 0.0625, 0.25, 0.125, 0.0625]);
const none = (_index: number): boolean => false;
const first = (index: number): boolean => index === 0;
const sieve = (cut: RowCut, more: Partial<Sieve> = {}): Sieve => ({ cut, renormalise: false, hide: false, ...more });
const mass = (share: number): RowCut => ({ type: 'mass', share });
const shown = (of: Sieve, isHidden = none): readonly number[] => [...siftRow(ROW, of, MEASURES.weight, isHidden)];

describe('a row', () => {
  test('is cut to as few of its largest numbers as make up the share', () => {
    expect(shown(sieve(mass(0.5)))).toEqual([0.5, 0, 0, 0, 0]);
    expect(shown(sieve(mass(0.51)))).toEqual([0.5, 0, 0.25, 0, 0]);
    expect(shown(sieve(mass(0.75)))).toEqual([0.5, 0, 0.25, 0, 0]);
    expect(shown(sieve(mass(0.8)))).toEqual([0.5, 0, 0.25, 0.125, 0]);
    // Two are alike: both are shown, none is chosen by chance.
    expect(shown(sieve(mass(0.9)))).toEqual([...ROW]);
    expect(shown(sieve(mass(1)))).toEqual([...ROW]);
  });

  test('is cut to what is at least as large as a weight', () => {
    expect(shown(sieve({ type: 'least', size: 0.125 }))).toEqual([0.5, 0, 0.25, 0.125, 0]);
    expect(shown(sieve({ type: 'least', size: 0.75 }))).toEqual([0, 0, 0, 0, 0]);
  });

  test('is of what is not hidden, where sinks are', () => {
    expect(shown(sieve(mass(0.5), { hide: true }), first)).toEqual([0, 0, 0.25, 0, 0]);
    expect(shown(sieve(mass(0.5)), first)).toEqual([0.5, 0, 0, 0, 0]);
  });

  test('is renormalised over what is shown, and then sums to 1', () => {
    expect(shown(sieve(mass(0.75), { renormalise: true })).map((value) => Number(value.toFixed(4)))).toEqual([
      0.6667, 0, 0.3333, 0, 0,
    ]);
    expect(shown(sieve({ type: 'all' }, { renormalise: true, hide: true }), first)).toEqual([
      0, 0.125, 0.5, 0.25, 0.125,
    ]);
  });

  test('stays as it is where nothing is asked for, or nothing is left', () => {
    expect(isSifting(sieve({ type: 'all' }, { hide: true }))).toBe(false);
    expect(siftRow(ROW, sieve({ type: 'all' }), MEASURES.weight, none)).toBe(ROW);
    const zeros = new Float32Array(3);
    expect([...siftRow(zeros, sieve(mass(0.9), { renormalise: true }), MEASURES.weight, none)]).toEqual([0, 0, 0]);
  });

  test('of signed numbers is cut by their size, and not renormalised', () => {
    const signed = new Float32Array([0.5, -0.5, 0.25, -0.125]);
    const cut = sieve({ type: 'least', size: 0.25 }, { renormalise: true });
    expect([...siftRow(signed, cut, MEASURES.difference, none)]).toEqual([0.5, -0.5, 0.25, 0]);
  });
});

test('a map is cut row by row, and a column by the limits of each row', () => {
  const values = new Float32Array([0.75, 0.25, 0.4375, 0.5625]);
  const steps = siftMapInSteps(values, 2, sieve(mass(0.7), { renormalise: true }), MEASURES.weight, none);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  expect([...values]).toEqual([1, 0, 0.4375, 0.5625]);
  expect([...step.value.least]).toEqual([0.75, 0.4375]);
  expect([...siftColumn(new Float32Array([0.75, 0.4375]), step.value)]).toEqual([1, 0.4375]);
  expect([...siftColumn(new Float32Array([0.25, 0.5625]), step.value)]).toEqual([0, 0.5625]);
});

test('sieves that do the same have one key', () => {
  expect(sieveKey(sieve({ type: 'all' }))).toBe('');
  const keys = [mass(0.5), mass(0.6), { type: 'least', size: 0.5 } as const].flatMap((cut) => [
    sieveKey(sieve(cut)),
    sieveKey(sieve(cut, { renormalise: true })),
    sieveKey(sieve(cut, { hide: true })),
  ]);
  expect(new Set(keys).size).toBe(9);
});
