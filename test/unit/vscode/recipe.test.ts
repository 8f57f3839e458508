import { describe, expect, it } from 'vitest';
import { parseRecipe, type Recipe } from '../../../src/vscode/run/recipe';

const RECIPE: Recipe = {
  version: 1,
  modelId: 'bundled:en-fr',
  uri: 'file:///a/README.md',
  start: 3,
  end: 40,
  hash: 'ab',
  windowStart: 0,
  masked: [4, 7],
  chat: true,
  specialsAsText: true,
  forced: 'Le chat dort.',
  branches: [{ step: 2, token: 77 }],
  steps: 9,
};

describe('a recipe from storage', () => {
  it('comes back as it was', () => {
    expect(parseRecipe(JSON.parse(JSON.stringify(RECIPE)))).toEqual(RECIPE);
  });

  it('has no masks, no chat and no forced text where an earlier version kept none', () => {
    const earlier = { ...RECIPE, masked: undefined, chat: undefined, specialsAsText: undefined, forced: undefined };
    expect(parseRecipe(earlier)).toEqual({
      ...RECIPE,
      masked: [],
      chat: false,
      specialsAsText: false,
      forced: null,
    });
  });

  it('drops what is not its own', () => {
    expect(parseRecipe({ ...RECIPE, extra: 1 })).toEqual(RECIPE);
  });

  it.each([
    null,
    1,
    [],
    {},
    { ...RECIPE, version: 2 },
    { ...RECIPE, start: -1 },
    { ...RECIPE, steps: 1.5 },
    { ...RECIPE, branches: [null] },
    { ...RECIPE, masked: 3 },
    { ...RECIPE, chat: 'yes' },
    { ...RECIPE, specialsAsText: 1 },
    { ...RECIPE, forced: 3 },
    { ...RECIPE, masked: [-1] },
    { ...RECIPE, masked: ['4'] },
    { ...RECIPE, branches: [{ step: 'x', token: 1 }] },
    { ...RECIPE, uri: undefined },
  ])('is nothing where it is not a recipe (%#)', (value) => expect(parseRecipe(value)).toBeNull());
});
