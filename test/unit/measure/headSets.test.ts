/** Picking heads: one by one, by range, by row and column, and what another chosen head makes of it. */
import { expect, test } from 'vitest';
import type { MapSource } from '../../../src/attention/types';
import { lined, moved, ranged, shownHeads, toggled, type PickedHeads } from '../../../src/measure/headSets';
import { ONE_HEAD, sourceKey, sourceWithin } from '../../../src/measure/source';

const COUNTS = { layers: 3, heads: 4 };
const at = (layer: number, head: number) => ({ layer, head });
const one: PickedHeads = { chosen: at(1, 2), source: ONE_HEAD };
const heads = ({ source, chosen }: PickedHeads): readonly string[] =>
  shownHeads(source, chosen, COUNTS).map(({ layer, head }) => `${layer}.${head}`);

test('a head is taken in and out, and the last one stays', () => {
  const two = toggled(one, at(0, 3));
  expect([heads(two), two.chosen]).toEqual([['0.3', '1.2'], at(0, 3)]);
  const back = toggled(two, at(0, 3));
  expect([back.source, back.chosen]).toEqual([ONE_HEAD, at(1, 2)]);
  expect(toggled(back, at(1, 2))).toEqual(one);
});

test('a range is the rectangle between two corners, whichever way, and can be made smaller again', () => {
  const wide = ranged(one, at(0, 0));
  expect(heads(wide)).toEqual(['0.0', '0.1', '0.2', '1.0', '1.1', '1.2']);
  expect(wide.chosen).toEqual(at(1, 2));
  expect(heads(ranged(wide, at(1, 3)))).toEqual(['1.2', '1.3']);
  expect(ranged(wide, at(1, 2)).source).toEqual(ONE_HEAD);
});

test('a label takes its row or column; with Ctrl it adds, and takes away what is all in', () => {
  const row = lined(one, { layer: 1 }, COUNTS, false);
  expect([heads(row), row.chosen]).toEqual([['1.0', '1.1', '1.2', '1.3'], at(1, 2)]);
  const cross = lined(row, { head: 0 }, COUNTS, true);
  expect(heads(cross)).toEqual(['0.0', '1.0', '1.1', '1.2', '1.3', '2.0']);
  expect(heads(lined(cross, { layer: 1 }, COUNTS, true))).toEqual(['0.0', '2.0']);
  expect(heads(lined(row, { layer: 2 }, COUNTS, false))).toEqual(['2.0', '2.1', '2.2', '2.3']);
});

test('the way of taking together stays while heads are picked', () => {
  const most: MapSource = { type: 'heads', by: 'max', heads: [at(1, 2), at(2, 2)] };
  expect(toggled({ chosen: at(1, 2), source: most }, at(0, 0)).source).toMatchObject({ by: 'max' });
  expect(lined({ chosen: at(1, 2), source: most }, { head: 0 }, COUNTS, false).source).toMatchObject({ by: 'max' });
});

test('another layer: a whole layer goes along, some heads give way to one, a rollout goes to that layer', () => {
  const row = lined(one, { layer: 1 }, COUNTS, false);
  expect(sourceKey(moved(row, at(2, 2), COUNTS))).toBe('mean:2.0,2.1,2.2,2.3');
  expect(moved(row, at(1, 3), COUNTS)).toBe(row.source);
  expect(moved(toggled(one, at(0, 0)), at(2, 2), COUNTS)).toEqual(ONE_HEAD);
  const rollout: PickedHeads = { chosen: at(1, 0), source: { type: 'rollout' } };
  expect(moved(rollout, at(2, 0), COUNTS)).toEqual({ type: 'rollout' });
  expect(heads(rollout)).toEqual(['0.0', '0.1', '0.2', '0.3', '1.0', '1.1', '1.2', '1.3']);
});

test('a kind with fewer heads shows those that it has', () => {
  const picked: MapSource = { type: 'heads', by: 'mean', heads: [at(0, 0), at(0, 7), at(5, 0)] };
  expect(sourceWithin(picked, COUNTS)).toMatchObject({ heads: [at(0, 0)] });
  expect(sourceWithin({ ...picked, heads: [at(5, 0)] }, COUNTS)).toEqual(ONE_HEAD);
});
