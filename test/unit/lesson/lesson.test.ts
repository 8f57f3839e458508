/** The lesson's own arithmetic, on numbers that are computed by hand. */
import { expect, test } from 'vitest';
import { ACTIVATIONS, affine, apart, normed, softmax, weighted } from '../../../src/lesson/arithmetic';
import { headOfStage, mapRowOfStage, windowRound } from '../../../src/lesson/stageCuts';
import { madeOf } from '../../../src/lesson/made';
import { valueOf } from '../../support/valueOf';
import { stationsOf } from '../../../src/lesson/stations';
import type { LessonAnswer } from '../../../src/protocol/answers/lessonAnswers';

const kinds = (...names: readonly ('encoder' | 'decoder' | 'cross')[]) => names.map((kind) => ({ kind }));

test('the stations are those that a model has, in its own order', () => {
  const whole = stationsOf('encoder-decoder', kinds('encoder', 'decoder', 'cross'));
  expect(whole).toHaveLength(41);
  expect(whole.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1])).toEqual([
    'encoder',
    'decoder',
    'cross',
    'decoder',
  ]);
  expect(stationsOf('encoder-only', kinds('encoder')).map(({ stage }) => stage)).not.toContain('states');
  expect(stationsOf('decoder-only', kinds('decoder')).every(({ kind }) => kind === 'decoder')).toBe(true);
});

test('products, sums, softmax and norms', () => {
  const weight = { rows: 2, columns: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect([...affine([1, 2], weight, [0.5, 0, 0])]).toEqual([9.5, 12, 15]);
  expect([...affine([1, 2], weight, null, 1, 2)]).toEqual([12, 15]);
  expect([...weighted([0.25, 0.75], weight)]).toEqual([3.25, 4.25, 5.25]);
  const [one = 0, other = 0] = softmax([1000, 1000 + Math.log(3)]);
  expect([one, other]).toEqual([expect.closeTo(0.25, 12), expect.closeTo(0.75, 12)]);
  expect(softmax([0, -Infinity])[1]).toBe(0);
  const layer = normed([1, 3], { kind: 'layer', epsilon: 0, weight: [2, 2], bias: [1, 1] });
  expect([layer.mean, layer.deviation, ...layer.values]).toEqual([2, 1, -1, 3]);
  expect([...normed([3, 4], { kind: 'rms', epsilon: 0, weight: null, bias: null }).values][0]).toBeCloseTo(
    3 / Math.sqrt(12.5),
    12,
  );
  // scipy.special.erf and torch.nn.functional.gelu
  expect(ACTIVATIONS.GELU(1)).toBeCloseTo(0.8413447, 6);
  expect(ACTIVATIONS['GELU (tanh)'](1)).toBeCloseTo(0.841192, 6);
  expect(ACTIVATIONS.SiLU(1)).toBeCloseTo(0.7310586, 6);
  expect(apart([1, NaN], [1, 2])).toBe(Infinity);
  expect(apart([1, -Infinity], [1.5, -Infinity])).toBe(0.5);
  expect(apart([1], [1, 2])).toBe(Infinity);
});

test('a head and a row are cut out of every layout', () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  expect([...headOfStage({ layout: 'heads', dims: [1, 2, 3, 2], data }, 1, 2).data]).toEqual([6, 7, 8, 9, 10, 11]);
  expect([...headOfStage({ layout: 'joined', dims: [1, 3, 4], data }, 1, 2).data]).toEqual([2, 3, 6, 7, 10, 11]);
  // Four query heads share two of keys.
  expect([...headOfStage({ layout: 'flat', dims: [2, 3, 2], data }, 2, 4).data]).toEqual([6, 7, 8, 9, 10, 11]);
  expect([...mapRowOfStage({ layout: 'maps', dims: [1, 2, 2, 3], data }, 1, 1)]).toEqual([9, 10, 11]);
  expect(windowRound(0, 5, 16)).toEqual({ first: 0, end: 5 });
  expect(windowRound(511, 512, 16)).toEqual({ first: 496, end: 512 });
});

const PLACE = { kind: 'encoder', stage: 'scores', layer: 0, head: 0, token: 1, feature: 0 } as const;
const answer = (patch: Partial<LessonAnswer>): LessonAnswer => ({
  tensors: [],
  checks: [],
  numbers: {},
  top: [],
  near: [],
  before: [],
  swapped: null,
  absent: [],
  activation: '',
  gaps: [],
  milliseconds: 0,
  ...patch,
});
const tensor = (name: string, ...data: number[]) => ({
  name,
  rows: 1,
  columns: data.length,
  first: 0,
  data: Float32Array.from(data),
});

test('a number is the sum of the products that it names', () => {
  const long = Array.from({ length: 9 }, (_, i) => i + 1);
  const scores = answer({
    tensors: [
      tensor('query', ...long),
      {
        name: 'keys',
        rows: 2,
        columns: 9,
        first: 0,
        data: Float32Array.from([...long.map(() => 1), ...long.map(() => 2)]),
      },
      tensor('scores', 22.5, 45),
    ],
    numbers: { scale: 0.5 },
  });
  const made = madeOf(PLACE, scores, 'scores', 1);
  expect(made).toMatchObject({ step: 'scaled', value: 45, others: 3, rest: 12, scale: 0.5 });
  expect(made?.terms.map(({ index, product }) => [index, product])).toEqual([
    [8, 18],
    [7, 16],
    [6, 14],
    [5, 12],
    [4, 10],
    [3, 8],
  ]);
  expect(made && valueOf(made, 45)).toBe(45);
  const softened = answer({ tensors: [tensor('masked', 0, Math.log(3)), tensor('weights', 0.25, 0.75)] });
  const weight = madeOf({ ...PLACE, stage: 'softmax' }, softened, 'weights', 0);
  expect(weight && valueOf(weight, 0.25)).toBeCloseTo(0.25, 6);
  // Another column than the one that came is not made up.
  const projected = answer({
    tensors: [tensor('heads', 1, 2), tensor('column', 3, 4), tensor('projected', 11.5, 0)],
    numbers: { bias: 0.5 },
  });
  expect(madeOf({ ...PLACE, stage: 'projection' }, projected, 'projected', 1)).toBeUndefined();
  const own = madeOf({ ...PLACE, stage: 'projection' }, projected, 'projected', 0);
  expect(own && valueOf(own, 11.5)).toBe(11.5);
});
