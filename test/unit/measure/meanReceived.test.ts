/** The mean number that a key receives, against the sum written out. */
import { expect, it } from 'vitest';
import type { KindInfo, MapMatrix } from '../../../src/attention/types';
import { fromByte } from '../../../src/measure/bytes';
import { measureOf } from '../../../src/measure/measure';
import { meanReceived, meanReceivedInSteps } from '../../../src/measure/meanReceived';

const info = (kind: KindInfo['kind']): KindInfo => ({
  kind,
  layers: 1,
  heads: 1,
  kvHeads: 1,
  queries: 'target',
  keys: kind === 'cross' ? 'source' : 'target',
});

const map = (kind: KindInfo['kind'], queries: number, keys: number, data: readonly number[]): MapMatrix => ({
  ...{ kind, layer: 0, head: 0, queries, keys, measure: 'weight', source: { type: 'head' }, axis: 'tokens' },
  data: Uint8Array.from(data),
});

const plain = [{ special: false }, { special: false }, { special: false }];

it('in a causal self-attention a key is looked at by the queries at or after it', () => {
  const own = map('decoder', 3, 3, [255, 0, 0, 51, 204, 0, 51, 102, 102]);
  const means = meanReceived(own, info('decoder'), plain, false);
  expect(means[0]).toBeCloseTo((1 + 0.2 + 0.2) / 3, 6);
  expect(means[1]).toBeCloseTo((0.8 + 0.4) / 2, 6);
  expect(means[2]).toBeCloseTo(0.4, 6);
});

it('hidden queries do not count, and what nothing looks at receives nothing', () => {
  const own = map('decoder', 3, 3, [255, 0, 0, 51, 204, 0, 51, 102, 102]);
  const means = meanReceived(own, info('decoder'), [...plain.slice(0, 2), { special: true }], true);
  expect(means[0]).toBeCloseTo(0.6, 6);
  expect(means[1]).toBeCloseTo(0.8, 6);
  expect(means[2]).toBe(0);
});

it('in cross-attention every query looks at every key', () => {
  const cross = map('cross', 2, 3, [10, 20, 30, 30, 60, 90]);
  const measure = measureOf(cross);
  const means = meanReceived(cross, info('cross'), plain, false);
  for (const [key, byte] of [20, 40, 60].entries()) expect(means[key]).toBeCloseTo(fromByte(byte, measure), 6);
});

it('a large map is summed in steps, is then there at once, and is the same', () => {
  const size = 1500;
  const data = Array.from({ length: size * size }, (_, at) => (at * 7919) % 256);
  const queries = Array.from({ length: size }, (_, at) => ({ special: at % 100 === 0 }));
  const whole = meanReceived(map('decoder', size, size, data), info('decoder'), queries, true);
  const own = map('decoder', size, size, data);
  const steps = meanReceivedInSteps(own, info('decoder'), queries, true);
  let count = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) count++;
  expect(count).toBe(2);
  expect(step.value).toEqual(whole);
  expect(meanReceived(own, info('decoder'), queries, true)).toBe(step.value);
  let [sum, seen] = [0, 0];
  for (let query = 700; query < size; query++) {
    if (query % 100 === 0) continue;
    sum += data[query * size + 700] ?? 0;
    seen++;
  }
  expect(whole[700]).toBeCloseTo(fromByte(sum / seen, measureOf(own)), 6);
});
