/** What the decoding settings begin with: the model's own numbers where a setting can have them, the usual ones elsewhere. */
import { expect, test } from 'vitest';
import { decodingDefaults } from '../../../src/engine/model/decodingDefaults';

const USUAL = { temperature: 1, topK: 50, topP: 1, minP: 0 };

test.each([
  ['nothing', {}, USUAL],
  [
    'what can be',
    { temperature: 0.6, top_k: 20, top_p: 0.95, min_p: 0.05 },
    { temperature: 0.6, topK: 20, topP: 0.95, minP: 0.05 },
  ],
  ['what cannot be', { temperature: 0, top_k: -1, top_p: 1.5, min_p: 'x' }, USUAL],
  ['more than can be', { temperature: 1e9, top_k: 1e9 }, { ...USUAL, topK: 1_000_000 }],
])('%s', (_, generation, wanted) => {
  expect(decodingDefaults({}, generation)).toMatchObject({ ...wanted, doSample: false, seed: 0 });
});
