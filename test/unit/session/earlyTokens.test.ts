/** A text's tokens are on show before its model is there, and nothing is made of them but that. */
import { expect, it } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { TRANSLATOR } from './recordedEngine';
import { calm, textOf, words, World } from './world';

const CATS = 'cats sleep on the old mat';
const early = (text: string): readonly Token[] =>
  text.split(' ').map((word, id) => ({ id, text: word, special: false, start: 0, end: 1, partial: false }));

/** A world that is loading the model for a text, whose tokens are told. */
async function loading(text = CATS, id?: string): Promise<World> {
  const world = new World();
  world.session.open('a');
  void world.session.explain('a', { explained: textOf(text), model: TRANSLATOR });
  await calm();
  world.engine.tellTokens({ explanation: id ?? world.snapshot('a').id, source: early('c ats'), target: [] });
  return world;
}

it('shows them while the model is being loaded, as what has no weights yet', async () => {
  const world = await loading();
  expect(world.snapshot('a')).toMatchObject({ status: 'loading', early: true, model: null, window: null });
  expect(world.shown.get('a')?.source.map(({ text }) => text)).toEqual(['c', 'ats']);
});

it('gives the engine the text with the model to load', async () => {
  const world = await loading();
  expect(world.engine.asked[0]).toMatchObject({ method: 'acquire' });
  expect(world.engine.texts).toEqual([
    { explanation: world.snapshot('a').id, text: CATS, windowStart: 0, chat: false, specialsAsText: false },
  ]);
});

it('shows what the model makes of the text in their place', async () => {
  const world = await loading();
  await world.rest();
  expect(world.snapshot('a')).toMatchObject({ status: 'done', early: false });
  expect(words(world.snapshot('a'))).toBe(CATS);
});

it('leaves alone those of an explanation that was replaced', async () => {
  const world = await loading(CATS, 'another');
  expect(world.snapshot('a')).toMatchObject({ early: false, source: [] });
});

it('forgets them where the model cannot be loaded', async () => {
  const world = await loading();
  world.engine.failNext = { code: 'MODEL_UNSUPPORTED' };
  await world.rest();
  expect(world.snapshot('a')).toMatchObject({ status: 'failed', early: false, source: [] });
});
