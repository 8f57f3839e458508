/** In which order two selections are read. */
import { expect, test } from 'vitest';
import { textOf, World } from './world';
import { textPairOf } from '../../../src/session/subject/textPair';

const CONTEXT = 'Mary lives in Paris.';
const ASKED = 'Where does Mary live?';
const of = (...texts: readonly string[]) => {
  let at = 0;
  const ranges = texts.map((text) => {
    const range = { start: at + 100, end: at + 100 + text.length, line: 0, character: 0, at };
    at += text.length + 1;
    return range;
  });
  return { text: texts.join('\n'), ranges };
};
const READS = { pairs: true, task: 'span' } as const;

function orderOf(
  texts: readonly string[],
  ...[order, report]: [Parameters<typeof textPairOf>[1], Parameters<typeof textPairOf>[2]]
) {
  const explained = of(...texts);
  const pair = textPairOf(explained, order, report);
  return pair && [pair.first, pair.second].map(({ start, end }) => explained.text.slice(start, end));
}

test('a question is the first of the two wherever it stands; anything else as it stands, or swapped', () => {
  expect(orderOf([ASKED, CONTEXT], 'given', READS)).toEqual([ASKED, CONTEXT]);
  expect(orderOf([CONTEXT, ASKED], 'given', READS)).toEqual([ASKED, CONTEXT]);
  expect(orderOf([CONTEXT, ASKED], 'swapped', READS)).toEqual([CONTEXT, ASKED]);
  expect(orderOf([CONTEXT, ASKED], 'given', { pairs: true, task: 'labels' })).toEqual([CONTEXT, ASKED]);
  expect(orderOf([CONTEXT, ASKED], 'swapped', { pairs: true, task: 'labels' })).toEqual([ASKED, CONTEXT]);
});

test('no pair: one text or three, a model that reads none, or one text wanted', () => {
  expect(orderOf([ASKED], 'given', READS)).toBeUndefined();
  expect(orderOf([ASKED, CONTEXT, CONTEXT], 'given', READS)).toBeUndefined();
  expect(orderOf([ASKED, CONTEXT], 'given', {})).toBeUndefined();
  expect(orderOf([ASKED, CONTEXT], 'one', READS)).toBeUndefined();
});

test('two selections reach the engine as a pair, and again in the order that is asked for, which a reload keeps', async () => {
  const world = new World();
  const explained = { ...textOf('the cat sat\nthe dog slept'), ranges: of('the cat sat', 'the dog slept').ranges };
  const model = { id: 'pairs', name: 'Reads pairs' };
  world.session.open('a');
  const run = world.session.explain('a', { explained, model });
  await world.rest();
  await run;
  const [cat, dog] = [
    { start: 0, end: 11 },
    { start: 12, end: 25 },
  ];
  const pairs = () => [...world.engine.explanations.values()].map(({ request }) => request.pair);
  expect(pairs()).toEqual([{ first: cat, second: dog }]);
  expect(world.snapshot('a').pair).toBe('given');
  const swapping = world.session.setPair(world.snapshot('a').id, 'swapped');
  await world.rest();
  await swapping;
  expect(pairs()).toEqual([{ first: dog, second: cat }]);
  expect(world.snapshot('a').pair).toBe('swapped');
  expect(world.kept('a')).toMatchObject({ pair: 'swapped', ranges: [{}, {}] });
  // One selection is no pair: what is on show stays.
  const alone = await world.explained('b', 'the cat', model);
  expect(alone.pair).toBeNull();
  await expect(world.session.setPair(alone.id, 'swapped')).rejects.toMatchObject({ code: 'PAIR_NEEDED' });
  expect(world.snapshot('b').source).toEqual(alone.source);
});
