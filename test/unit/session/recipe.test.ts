import { describe, expect, it } from 'vitest';
import { readPinned } from '../../../src/session/recipe/pinnedRecipe';
import { readRecipe, type Recipe } from '../../../src/session/recipe/recipe';

const RECIPE: Recipe = {
  version: 2,
  modelId: 'bundled:en-fr',
  uri: 'file:///a/README.md',
  ranges: [
    { start: 3, end: 40 },
    { start: 51, end: 60 },
  ],
  eol: '\r\n',
  hash: 'ab',
  windowStart: 0,
  masked: [4, 7],
  chat: true,
  specialsAsText: false,
  pair: 'given',
  intervention: { ranges: [{ from: 1, to: 3 }], manner: 'removed', off: [{ kind: 'encoder', layer: 1, head: 0 }] },
  decoding: {
    doSample: true,
    temperature: 0.7,
    topK: 50,
    topP: 0.9,
    minP: 0,
    repetitionPenalty: 1.1,
    noRepeatNgram: 0,
    minNewTokens: 0,
    seed: 3,
  },
  forced: 'Le chat dort.',
  branches: [{ step: 2, token: 77 }],
  steps: 9,
  beam: { depth: 14, token: 31 },
  costs: {
    model: 'f1',
    heads: null,
    pieces: {
      of: { source: 6, target: 3, hash: 9 },
      sequence: 'source',
      ranges: [
        { from: 0, to: 2 },
        { from: 2, to: 5 },
      ],
      manner: 'removed',
      outputSequence: 'target',
      outputs: [1, 2],
      plain: -0.5,
      costs: [0.25, null],
      done: 1,
      gaps: [],
      agreement: null,
    },
  },
};

/** As version 1 of the recipe was kept. */
const { ranges: _ranges, eol: _eol, ...rest } = RECIPE;
const { decoding: _decoding, costs: _costs, intervention: _intervention, ...first } = rest;
const FIRST = { ...first, version: 1, start: 3, end: 40 };

describe('a recipe from storage', () => {
  it('comes back as it was', () => {
    expect(readRecipe(JSON.parse(JSON.stringify(RECIPE)))).toEqual({ type: 'recipe', recipe: RECIPE });
  });

  it('is upgraded from version 1: one range, the document’s own line ends', () => {
    const recipe = {
      ...RECIPE,
      intervention: null,
      ranges: [{ start: 3, end: 40 }],
      eol: null,
      decoding: null,
      beam: null,
      costs: null,
    };
    expect(readRecipe(FIRST)).toEqual({ type: 'recipe', recipe });
  });

  it('has no masks, no chat and no forced text where an earlier version kept none', () => {
    const read = readRecipe({ ...FIRST, masked: undefined, chat: undefined, forced: undefined });
    expect(read).toMatchObject({ type: 'recipe', recipe: { version: 2, masked: [], chat: false, forced: null } });
  });

  it('drops what is not its own', () => {
    expect(readRecipe({ ...RECIPE, extra: 1 })).toEqual({ type: 'recipe', recipe: RECIPE });
  });

  it('chooses the likeliest tokens where it is from before there was the choice', () => {
    const { decoding: _none, ...older } = RECIPE;
    expect(readRecipe(older)).toEqual({ type: 'recipe', recipe: { ...RECIPE, decoding: null } });
  });

  it('has no beams where it is from before there were any, and keeps a branch out of one', () => {
    const { beam: _none, ...older } = RECIPE;
    expect(readRecipe(older)).toEqual({ type: 'recipe', recipe: { ...RECIPE, beam: null } });
    const branches = [{ step: 2, token: 77, beam: { depth: 9, token: null } }];
    expect(readRecipe({ ...RECIPE, branches })).toEqual({ type: 'recipe', recipe: { ...RECIPE, branches } });
  });

  it('has no costs where none were kept, and loses costs that are damaged alone', () => {
    const { costs, ...older } = RECIPE;
    expect(readRecipe(older)).toEqual({ type: 'recipe', recipe: { ...RECIPE, costs: null } });
    const { pieces } = costs ?? {};
    for (const damaged of [
      3,
      { ...costs, pieces: { ...pieces, costs: [0.25] } },
      { ...costs, pieces: { ...pieces, costs: [0.25, 'much'] } },
      { ...costs, pieces: { ...pieces, done: 3 } },
      {
        ...costs,
        pieces: {
          ...pieces,
          ranges: [
            { from: 0, to: 2 },
            { from: 2, to: 7 },
          ],
        },
      },
      {
        ...costs,
        pieces: {
          ...pieces,
          ranges: [
            { from: 0, to: 2 },
            { from: 5, to: 5 },
          ],
        },
      },
      {
        ...costs,
        heads: { of: pieces?.of, kind: 'cross', layers: 1e9, heads: 1, plain: 0, costs: [], layerCosts: [] },
      },
    ])
      expect(readRecipe({ ...RECIPE, costs: damaged })).toEqual({ type: 'recipe', recipe: { ...RECIPE, costs: null } });
  });

  it.each([null, undefined])('is none where nothing was kept (%s)', (kept) =>
    expect(readRecipe(kept)).toEqual({ type: 'none' }),
  );

  it('is dropped with a word where a newer version kept it', () => {
    expect(readRecipe({ ...RECIPE, version: 3 })).toEqual({ type: 'dropped', why: 'newer' });
  });

  it.each([
    1,
    'recipe',
    [],
    {},
    { ...FIRST, start: -1 },
    { ...FIRST, start: 40, end: 40 },
    { ...RECIPE, steps: 1.5 },
    { ...RECIPE, steps: 1e300 },
    { ...RECIPE, steps: Infinity },
    { ...RECIPE, branches: [null] },
    { ...RECIPE, branches: [{ step: 2, token: 77, beam: { depth: 0, token: 1 } }] },
    { ...RECIPE, beam: { depth: 1e9, token: 1 } },
    { ...RECIPE, decoding: { ...RECIPE.decoding, doSample: false, numBeams: 1000 } },
    { ...RECIPE, masked: 3 },
    { ...RECIPE, masked: new Array(200_000).fill(1) },
    { ...RECIPE, chat: 'yes' },
    { ...RECIPE, forced: 3 },
    { ...RECIPE, forced: 'x'.repeat(5_000_000) },
    { ...RECIPE, masked: [-1] },
    { ...RECIPE, masked: ['4'] },
    { ...RECIPE, branches: [{ step: 'x', token: 1 }] },
    { ...RECIPE, uri: undefined },
    { ...RECIPE, uri: '/etc/passwd' },
    { ...RECIPE, uri: `file:///${'a'.repeat(20_000)}` },
    { ...RECIPE, ranges: [] },
    { ...RECIPE, ranges: [{ start: 5, end: 4 }] },
    { ...RECIPE, eol: '\r' },
  ])('is dropped as damaged where it is no recipe (%#)', (kept) =>
    expect(readRecipe(kept)).toEqual({ type: 'dropped', why: 'damaged' }),
  );
});

describe('what is kept of a pinned explanation', () => {
  const map = { kind: 'cross', layer: 2, head: 5, source: { type: 'head' } } as const;

  it('comes back with its own recipe, or without one where the explanation on show is pinned itself', () => {
    expect(readPinned(JSON.parse(JSON.stringify({ map, recipe: RECIPE })))).toEqual({ map, recipe: RECIPE });
    expect(readPinned({ map, recipe: null })).toEqual({ map, recipe: null });
  });

  it.each([
    ['nothing', undefined],
    ['a word', 'pinned'],
    ['no map', { recipe: RECIPE }],
    ['a map of no head', { map: { ...map, head: -1 }, recipe: RECIPE }],
    ['a damaged recipe', { map, recipe: { ...RECIPE, uri: 3 } }],
    ['a recipe of a newer version', { map, recipe: { ...RECIPE, version: 3 } }],
  ])('is dropped where it is %s, and the panel comes back without it', (_what, pinned) => {
    expect(readPinned(pinned)).toBeNull();
    expect(readRecipe({ ...RECIPE, pinned })).toEqual({ type: 'recipe', recipe: RECIPE });
  });
});
