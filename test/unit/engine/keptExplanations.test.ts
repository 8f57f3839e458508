import { expect, it } from 'vitest';
import { excess } from '../../../src/engine/keptExplanations';

const GB = 1e9;

it.each<[string, readonly number[], readonly number[]]>([
  ['one that is larger than all room', [5 * GB], []],
  ['a large one stays until its successor is there, and goes then', [1.2 * GB, 1.2 * GB], [0]],
  ['two panels with what each comes back to', [0.4 * GB, 0.4 * GB, 0.4 * GB, 0.4 * GB], []],
  ['the oldest go first, and no more than needed', [0.5 * GB, 0.2 * GB, 0.9 * GB, 0.8 * GB], [0]],
  ['too many small ones', new Array<number>(11).fill(1), [0, 1, 2]],
  ['none', [], []],
])('keeps what fits: %s', (_what, sizes, gone) => {
  const held = sizes.map((bytes, at) => ({ id: `${at}`, bytes }));
  expect(excess(held)).toEqual(gone.map((at) => `${at}`));
});
