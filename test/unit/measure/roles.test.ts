import { expect, test } from 'vitest';
import type { RoleName } from '../../../src/attention/types';
import { RoleSums, type RoleScores, type RoleText } from '../../../src/measure/roles/roles';

const none = (length: number): Uint8Array => new Uint8Array(length);

function text(ids: readonly number[], marks: Partial<RoleText> = {}): RoleText {
  const length = ids.length;
  return {
    queryIds: ids,
    keyIds: ids,
    skipQuery: none(length),
    sinkKey: none(length),
    punctuationKey: none(length),
    self: true,
    ...marks,
  };
}

/** The scores of one head over one text. */
function roleScores(weights: Float32Array, of: RoleText): RoleScores {
  const sums = new RoleSums();
  sums.add(weights, of);
  return sums.scores();
}

/** A head that gives `weight` to the key that `place` says and spreads the rest evenly. */
function looking(length: number, place: (query: number) => number, weight = 0.9): Float32Array {
  const out = new Float32Array(length * length).fill((1 - weight) / length);
  for (let query = 0; query < length; query++) {
    const key = Math.min(length - 1, Math.max(0, place(query)));
    out[query * length + key] = (out[query * length + key] ?? 0) + weight;
  }
  return out;
}

const distinct = Array.from({ length: 20 }, (_, i) => i);
const even = new Float32Array(400).fill(1 / 20);

test.each<[RoleName, (query: number) => number]>([
  ['previous', (query) => query - 1],
  ['next', (query) => query + 1],
  ['same', (query) => query],
])('%s: high on a head that has it, low on one that has not', (role, place) => {
  expect(roleScores(looking(20, place), text(distinct))[role]).toBeCloseTo(0.905, 3);
  expect(roleScores(even, text(distinct))[role]).toBeCloseTo(0.05, 6);
});

test('sink and punctuation: the weight on the keys that are such', () => {
  const sinkKey = none(20);
  sinkKey[0] = 1;
  const punctuationKey = none(20);
  punctuationKey[7] = 1;
  punctuationKey[19] = 1;
  const marked = text(distinct, { sinkKey, punctuationKey });
  expect(
    roleScores(
      looking(20, () => 0),
      marked,
    ).sink,
  ).toBeCloseTo(0.905, 5);
  expect(
    roleScores(
      looking(20, () => 7),
      marked,
    ).punctuation,
  ).toBeCloseTo(0.91, 5);
  const spread = roleScores(even, marked);
  expect(spread.sink).toBeCloseTo(0.05, 5);
  expect(spread.punctuation).toBeCloseTo(0.1, 5);
});

test('duplicate and induction: earlier places of the same token, and what came after them', () => {
  const ids = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5];
  const of = (place: (query: number) => number): RoleScores => roleScores(looking(10, place, 1), text(ids));
  expect(of((query) => query - 5).duplicate).toBe(1);
  expect(of((query) => query - 4).induction).toBe(1);
  expect(of((query) => query - 5).induction).toBe(0);
  expect(roleScores(even, text(distinct)).duplicate).toBeNaN();
});

test('diagonal: a head that follows the text, over sequences of different lengths', () => {
  const cross = text(distinct.slice(0, 4), { keyIds: distinct.slice(0, 7), self: false, sinkKey: none(7) });
  const straight = new Float32Array(28);
  for (let query = 0; query < 4; query++) straight[query * 7 + query * 2] = 1;
  expect(roleScores(straight, cross).diagonal).toBe(1);
  expect(roleScores(new Float32Array(28).fill(1 / 7), cross).diagonal).toBeLessThan(0.45);
  expect(roleScores(straight, cross).previous).toBeNaN();
});

test('entropy of an even row is 1 and of a sharp one 0; distance in tokens', () => {
  expect(roleScores(even, text(distinct)).entropy).toBeCloseTo(1, 6);
  const sharp = roleScores(
    looking(20, (query) => query - 2, 1),
    text(distinct),
  );
  expect(sharp.entropy).toBe(0);
  // 18 rows look two back; the second row one, the first none.
  expect(sharp.distance).toBeCloseTo((18 * 2 + 1) / 20, 6);
});

test('a masked head has no next token; rows of separators do not count', () => {
  const causal = new Float32Array(9);
  causal.set([1, 0, 0, 0.5, 0.5, 0, 0, 1, 0]);
  expect(roleScores(causal, text([1, 2, 3])).next).toBeNaN();
  const skipQuery = Uint8Array.from([0, 0, 1]);
  expect(roleScores(causal, text([1, 2, 3], { skipQuery })).previous).toBe(0.5);
});

test('a text of one token, and of none', () => {
  expect(roleScores(Float32Array.from([1]), text([1]))).toMatchObject({ same: 1, previous: NaN, entropy: 0 });
  expect(roleScores(new Float32Array(0), text([])).same).toBeNaN();
});

test('over several texts each row counts the same, and a text is measured for what it is there for', () => {
  const sums = new RoleSums();
  // 19 rows with 1 on the token before, then 4 rows with none.
  sums.add(
    looking(20, (query) => query - 1, 1),
    text(distinct),
    ['previous'],
  );
  sums.add(
    looking(5, (query) => query, 1),
    text(distinct.slice(0, 5)),
    ['previous', 'same'],
  );
  expect(sums.scores().previous).toBeCloseTo(19 / 23, 6);
  expect(sums.scores().same).toBe(1);
  expect(sums.scores().entropy).toBeNaN();
});
