/** Contributions of cases worked by hand (ALTI, Ferrando et al. 2022, equations 9 to 12). */
import { describe, expect, test } from 'vitest';
import {
  contributionsInSteps,
  type ContributionParts,
  type Contributions,
} from '../../../src/measure/contribution/tokenContributions';

function all(parts: ContributionParts, queries: number, maps: readonly number[][], isSelf: boolean): Contributions {
  const steps = contributionsInSteps(parts, queries, (head) => Float32Array.from(maps[head] ?? []), isSelf);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const of = (...values: number[]): Float32Array => Float32Array.from(values);

/** One head, two tokens, two features, an identity for a projection: what is moved are the values themselves. */
const PARTS: ContributionParts = {
  heads: 1,
  keys: 2,
  size: 2,
  width: 2,
  values: of(4, 0, 0, 2),
  matrix: of(1, 0, 0, 1),
  residual: of(1, 1, 0, 3),
  scale: undefined,
  added: of(2, 1, 0, 2),
  result: of(3, 2, 0, 5),
};
const MAP = [[0.5, 0.5, 0, 1]];

describe('a self-attention', () => {
  test('counts the stream to the token itself, and divides each row by its sum', () => {
    const { shares, own, mismatch } = all(PARTS, 2, MAP, true);
    // Row 0: y = (3, 2), ‖y‖ = 5. Token 0: (2, 0) + (1, 1) = (3, 1), ‖y − T‖ = 1, share 4. Token 1: (0, 1), ‖y − T‖ = 4, share 1.
    expect(shares[0]).toBeCloseTo(4 / 5, 6);
    expect(shares[1]).toBeCloseTo(1 / 5, 6);
    // Row 1: y = (0, 5). Token 1: (0, 2) + (0, 3) is all of it.
    expect([...shares.subarray(2)]).toEqual([0, 1]);
    expect([...own]).toEqual([0, 0]);
    expect(mismatch).toBe(0);
  });

  test('what leads away from the result has no share', () => {
    const against = all({ ...PARTS, result: of(3, -2, 0, 5) }, 2, MAP, true);
    // ‖y‖ = 5; token 1 gives (0, 1): ‖(3, −3)‖ = 6, so its share is 0 and not below.
    expect([...against.shares.subarray(0, 2)]).toEqual([1, 0]);
  });

  test('a norm’s deviation scales what the heads give, row by row', () => {
    const { shares } = all({ ...PARTS, scale: of(0.5, 1), result: of(2, 1.5, 0, 5) }, 2, MAP, true);
    // Row 0: token 0 is ½(2, 0) + (1, 1) = (2, 1), token 1 ½(0, 1); ‖y‖ = 3.5: shares 3 and ½.
    expect(shares[0]).toBeCloseTo(3 / 3.5, 6);
    expect(shares[1]).toBeCloseTo(0.5 / 3.5, 6);
  });
});

test('cross-attention keeps the stream’s share apart: with it a row sums to 1', () => {
  const { shares, own } = all(PARTS, 2, MAP, false);
  // Row 0: token 0 (2, 0): ‖(1, 2)‖ = 3, share 2; token 1 (0, 1): 1; the stream (1, 1): 2.
  expect([...shares.subarray(0, 2)].map((share) => share.toFixed(6))).toEqual(['0.400000', '0.200000']);
  expect(own[0]).toBeCloseTo(0.4, 6);
  expect((shares[2] ?? 0) + (shares[3] ?? 0) + (own[1] ?? 0)).toBeCloseTo(1, 6);
});

test('two heads are added before they are measured', () => {
  const two: ContributionParts = {
    ...PARTS,
    heads: 2,
    values: of(4, 0, 0, 2, -4, 0, 0, 2),
    matrix: of(1, 0, 0, 1, 1, 0, 0, 1),
  };
  const { shares } = all({ ...two, added: of(0, 2, 0, 4), result: of(1, 3, 0, 7) }, 2, [...MAP, ...MAP], true);
  // Row 0: token 0's heads cancel, (0, 0) + (1, 1); token 1 gives (0, 2). ‖y‖ = 4: shares 2 and 2.
  expect([...shares.subarray(0, 2)]).toEqual([0.5, 0.5]);
});

test('what is added and is neither of a head nor a bias is noticed', () => {
  const biased = { ...PARTS, added: of(2.5, 1.25, 0.5, 2.25) };
  expect(all(biased, 2, MAP, true).mismatch).toBeCloseTo(0, 6);
  expect(all({ ...PARTS, added: of(2, 1, 0, 3) }, 2, MAP, true).mismatch).toBeCloseTo(1 / 3, 6);
});

test('a row that nothing leads to stays empty', () => {
  const { shares } = all({ ...PARTS, result: of(0, 0, 0, 0) }, 2, MAP, true);
  expect([...shares]).toEqual([0, 0, 0, 0]);
});
