/** Going back and forward through stations, links to them, and the forms of their formulas. */
import { expect, test } from 'vitest';
import { formulaName } from '../../../src/lesson/formulaName';
import { lessonPlaceIn, lessonPlaceOf, lessonQuery } from '../../../src/protocol/lessonLink';
import type { LessonStage } from '../../../src/protocol/lessonPlace';
import { NOWHERE, stepThrough, visited } from '../../../webview/state/lesson/visited';

const at = (stage: LessonStage, layer = 0) =>
  ({ kind: 'encoder', stage, layer, head: 2, token: 3, feature: 0 }) as const;

test('a link says where its reader stands, and nothing but a place is read out of one', () => {
  const query = lessonQuery({ ...at('softmax', 1), feature: 7 });
  expect(query).toBe('kind=encoder&stage=softmax&layer=1&head=2&token=3');
  expect(lessonPlaceIn(query)).toEqual(at('softmax', 1));
  const bad = [
    '',
    'kind=encoder',
    query.replace('softmax', 'nothing'),
    query.replace('encoder', '__proto__'),
    query.replace('layer=1', 'layer=-1'),
    query.replace('layer=1', 'layer=1.5'),
    query.replace('layer=1', 'layer='),
    query.replace('token=3', 'token=99999999999'),
    `${query}&feature=x`,
  ];
  expect(bad.map(lessonPlaceIn)).toEqual(bad.map(() => undefined));
  expect([lessonPlaceOf(undefined), lessonPlaceOf([]), lessonPlaceOf('tokens')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('one goes back and forward through what was seen; from a place further back a new way begins', () => {
  const [one, two, three] = [at('tokens'), at('scores'), at('mask')];
  const been = [one, two, three].reduce(visited, NOWHERE);
  const back = stepThrough(been, -1);
  expect(back?.places[back.at]).toBe(two);
  expect(stepThrough(been, 1)).toBeUndefined();
  expect(back && stepThrough(back, 1)).toEqual(been);
  // Another layer at the same station is no other station; it is where one comes back to.
  const other = back && visited(back, at('scores', 1));
  expect(other).toEqual({ places: [one, at('scores', 1), three], at: 1 });
  expect(other && visited(other, at('heads'))).toEqual({ places: [one, at('scores', 1), at('heads')], at: 2 });
  const long = Array.from({ length: 300 }, (_, index) => at(index % 2 === 0 ? 'scores' : 'mask', index));
  const kept = long.reduce(visited, NOWHERE);
  expect([kept.places.length, kept.at, kept.places.at(-1)]).toEqual([100, 99, long.at(-1)]);
});

test('a formula names the norm where this model has it', () => {
  expect(formulaName({ stage: 'residual', kind: 'decoder' }, { isPostNorm: 1 })).toBe('residual');
  expect(formulaName({ stage: 'residual', kind: 'decoder' }, { isPostNorm: 0 })).toBe('residualPre');
  expect(formulaName({ stage: 'residual', kind: 'decoder' }, {})).toBe('residual');
  expect(formulaName({ stage: 'vectors', kind: 'decoder' }, { isPostNorm: 0 })).toBe('vectorsPre');
  const crossed = { stage: 'vectors', kind: 'cross' } as const;
  expect(formulaName(crossed, {})).toBe('vectorsCross');
  expect(formulaName(crossed, { isPostNorm: 0 })).toBe('vectorsCrossPre');
  expect(formulaName({ stage: 'projection', kind: 'decoder' }, { isPostNorm: 0 })).toBe('projection');
  expect([
    formulaName({ stage: 'scores', kind: 'decoder' }, { scale: 1 }),
    formulaName({ stage: 'scores', kind: 'decoder' }, { scale: 0.25 }),
  ]).toEqual(['scoresPlain', 'scores']);
});
