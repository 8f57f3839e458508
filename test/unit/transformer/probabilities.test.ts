import { describe, expect, test } from 'vitest';
import { sumOfExp } from '../../../src/transformer/exp';
import { probabilityOf, probabilityRank, topTokens } from '../../../src/transformer/probabilities';
import { random } from '../attention/random';

const next = random(3);
const logits = Float32Array.from({ length: 5000 }, () => (next() - 0.5) * 20);
const softmax = (values: ArrayLike<number>): number[] => {
  const list = Array.from(values);
  const most = Math.max(...list);
  const total = list.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return list.map((value) => Math.exp(value - most) / total);
};

test('the top ten are those of a softmax over the whole vocabulary', () => {
  const all = softmax(logits)
    .map((probability, id) => ({ id, probability }))
    .sort((a, b) => b.probability - a.probability || a.id - b.id);
  const top = topTokens(logits);
  expect(top.map((token) => token.id)).toEqual(all.slice(0, 10).map((token) => token.id));
  for (const [i, token] of top.entries()) expect(token.probability).toBeCloseTo(all[i]?.probability ?? -1, 12);
  for (const place of [0, 9, 10, 700]) {
    const { id, probability } = all[place] ?? { id: -1, probability: 0 };
    expect(probabilityRank(logits, id)).toBe(place + 1);
    expect(probabilityOf(logits, id)).toBeCloseTo(probability, 12);
  }
});

test('the fast sum is that of Math.exp, term by term', () => {
  for (let i = 0; i < 20_000; i++) {
    const x = Math.fround(-70 * next() ** 2);
    const exact = Math.exp(x);
    expect(Math.abs(sumOfExp(Float32Array.of(x, x), 0) / 2 - exact)).toBeLessThanOrEqual(
      Math.max(1e-12 * exact, 1e-26),
    );
  }
  expect(sumOfExp(Float32Array.of(0, -Infinity, -1e30), 0)).toBe(1);
  expect(sumOfExp(Float32Array.of(0, -1, -2, -Infinity), 0)).toBeCloseTo(1 + Math.exp(-1) + Math.exp(-2), 14);
  expect(sumOfExp(Float32Array.of(0, Number.NaN), 0)).toBeNaN();
});

describe('odd logits', () => {
  test('equal ones go by id', () => {
    expect(topTokens(new Float32Array(30)).map((token) => token.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(probabilityRank(new Float32Array(30), 4)).toBe(5);
    expect(probabilityOf(new Float32Array(30), 4)).toBeCloseTo(1 / 30, 12);
  });
  test('minus infinity is never, large ones do not overflow, a short vocabulary is enough', () => {
    const top = topTokens(Float32Array.of(-Infinity, 3e38, 1, -Infinity));
    expect(top.slice(0, 2)).toEqual([
      { id: 1, probability: 1 },
      { id: 2, probability: 0 },
    ]);
    expect(probabilityOf(Float32Array.of(-Infinity, 0), 0)).toBe(0);
    expect(probabilityOf(Float32Array.of(0), 7)).toBe(0);
  });
});
