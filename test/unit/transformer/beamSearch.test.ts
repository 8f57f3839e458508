/** Beam search on vocabularies so small that every text can be tried: with beams enough it finds the best of all of them. */
import { describe, expect, test } from 'vitest';
import { BeamSearch, type BeamSettings } from '../../../src/transformer/decoding/beamSearch';
import { seededNumber } from '../../../src/transformer/decoding/seededNumber';

const END = 0;
const VOCABULARY = 4;
const ROOM = 5;
/** Texts of ROOM tokens or fewer: no more beams than these can ever go on. */
const ALL = (VOCABULARY - 1) ** ROOM;

/** The log probabilities after a text: any, but always the same. */
function after(seed: number, text: readonly number[]): Float32Array {
  const place = text.reduce((sum, token) => sum * VOCABULARY + token + 1, 0);
  const weights = Array.from({ length: VOCABULARY }, (_, token) => 3 * seededNumber(seed, place * VOCABULARY + token));
  const total = Math.log(weights.reduce((sum, weight) => sum + Math.exp(weight), 0));
  return Float32Array.from(weights, (weight) => weight - total);
}

function searched(seed: number, settings: BeamSettings, room = ROOM): BeamSearch {
  const search = new BeamSearch(settings, room, [END]);
  while (!search.isDone) search.advance(search.running.map((node) => after(seed, search.path(node))));
  return search;
}

/** Every text that ends, by its end token or at the last place, with its score. */
function everyText(seed: number, lengthPenalty: number): readonly { text: readonly number[]; score: number }[] {
  const out: { text: readonly number[]; score: number }[] = [];
  const grow = (text: readonly number[], sum: number): void => {
    for (const [token, logProbability] of after(seed, text).entries()) {
      const longer = [...text, token];
      const total = sum + logProbability;
      if (token === END || longer.length === ROOM)
        out.push({ text: longer, score: total / longer.length ** lengthPenalty });
      else grow(longer, total);
    }
  };
  grow([], 0);
  return out.sort((one, other) => other.score - one.score);
}

describe.each([0, 1, 2])('a length penalty of %s', (lengthPenalty) => {
  test.each([1, 2, 3, 4, 5])('finds what trying every text finds (model %s)', (seed) => {
    const search = searched(seed, { numBeams: ALL, lengthPenalty, earlyStopping: 'never' });
    const every = everyText(seed, lengthPenalty);
    for (const [at, { text, score }] of every.slice(0, 4).entries()) {
      expect(search.path(search.ended[at]?.node ?? -1)).toEqual(text);
      expect(search.ended[at]?.score).toBeCloseTo(score, 5);
    }
    // Fewer beams find texts that are as good at most, and one beam the likeliest token each time.
    for (const numBeams of [1, 2, 4]) {
      const few = searched(seed, { numBeams, lengthPenalty, earlyStopping: 'never' });
      expect(few.ended.length).toBeLessThanOrEqual(numBeams);
      expect(few.ended[0]?.score).toBeLessThanOrEqual((every[0]?.score ?? 0) + 1e-6);
      const known = every.find(({ text }) => text.join() === few.path(few.best).join());
      expect(few.ended[0]?.score).toBeCloseTo(known?.score ?? NaN, 5);
    }
  });
});

test('the tree: each token after its parent, sums from parent to child, the best first', () => {
  const search = searched(9, { numBeams: 3, lengthPenalty: 1, earlyStopping: false });
  for (const [at, { parent, logProbability, sum }] of search.nodes.entries()) {
    expect(parent).toBeLessThan(at);
    expect(sum).toBeCloseTo((search.nodes[parent]?.sum ?? 0) + logProbability, 5);
  }
  const scores = search.ended.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((one, other) => other - one));
  expect(search.best).toBe(search.ended[0]?.node);
});

test('when it ends: at as many texts as beams, where none that goes on is better, and never before it is certain', () => {
  // An end token that is second best at every step: there are two ended texts soon, and longer ones become better with the length penalty.
  const row = Float32Array.of(Math.log(0.3), Math.log(0.6), Math.log(0.05), Math.log(0.05));
  const depthOf = (earlyStopping: BeamSettings['earlyStopping'], lengthPenalty: number): number => {
    const search = new BeamSearch({ numBeams: 2, lengthPenalty, earlyStopping }, 50, [END]);
    while (!search.isDone) search.advance(search.running.map(() => row));
    return search.depth;
  };
  expect(depthOf(true, 1)).toBe(2);
  expect(depthOf(false, 0)).toBeLessThan(6);
  expect(depthOf('never', 2)).toBe(50);
});

test('what is ruled out never comes, and a search ends where nothing can go on', () => {
  const search = new BeamSearch({ numBeams: 4, lengthPenalty: 1, earlyStopping: false }, 10, [END]);
  search.advance([Float32Array.of(-Infinity, -Infinity, -1, -Infinity)]);
  expect(search.nodes.map(({ token }) => token)).toEqual([2]);
  search.advance([Float32Array.of(-0.5, -Infinity, -Infinity, -Infinity)]);
  expect(search.isDone).toBe(true);
  expect(search.ended).toEqual([{ node: 1, score: -0.75 }]);
  expect(search.running).toEqual([]);
});
