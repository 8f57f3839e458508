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
  [
    'a search, a language and what never comes',
    {
      num_beams: 5,
      length_penalty: 2,
      early_stopping: 'never',
      forced_bos_token_id: 250_008,
      suppress_tokens: [4, -1, 9],
    },
    {
      numBeams: 5,
      lengthPenalty: 2,
      earlyStopping: 'never',
      forcedFirst: 250_008,
      suppressed: [4, 9],
      maxNewTokens: 64,
    },
  ],
  [
    'a search that cannot be',
    { num_beams: 1000, length_penalty: 'x', early_stopping: 'soon', forced_bos_token_id: null },
    { numBeams: 20, lengthPenalty: 1, earlyStopping: false, forcedFirst: -1, suppressed: [] },
  ],
  ['more than can be', { temperature: 1e9, top_k: 1e9 }, { ...USUAL, topK: 1_000_000 }],
])('%s', (_, generation, wanted) => {
  expect(decodingDefaults({}, generation, 64)).toMatchObject({ ...wanted, doSample: false, seed: 0 });
});
