/** What of a text is the model's output. */
import { expect, test } from 'vitest';
import { outputPlaces, type OutputText } from '../../../src/engine/ablation/outputPlaces';

const token = (id: number, special = false): { readonly id: number; readonly special: boolean } => ({ id, special });
const TEXT: OutputText = {
  family: 'encoder-decoder',
  source: [token(7), token(8), token(2, true)],
  target: [token(0, true), token(5), token(6)],
  given: 1,
  fills: [],
};

test('of a model that writes: what it wrote, each predicted at the place before it', () => {
  const places = [
    { index: 1, id: 5, row: 0 },
    { index: 2, id: 6, row: 1 },
  ];
  expect(outputPlaces(TEXT)).toEqual({ sequence: 'target', places });
  // A prompt is no output, until there is nothing else.
  const prompt: OutputText = { ...TEXT, family: 'decoder-only', source: [], given: 2 };
  expect(outputPlaces(prompt).places).toEqual([{ index: 2, id: 6, row: 1 }]);
  expect(outputPlaces({ ...prompt, given: 3 }).places).toEqual(places);
});

test('of an encoder: what masks hide, or its own tokens without those of the tokenizer', () => {
  const encoder: OutputText = { ...TEXT, family: 'encoder-only', target: [], given: 0 };
  expect(outputPlaces(encoder)).toEqual({
    sequence: 'source',
    places: [
      { index: 0, id: 7, row: 0 },
      { index: 1, id: 8, row: 1 },
    ],
  });
  const fills: OutputText['fills'] = [
    {
      index: 0,
      top: [{ id: 9, text: 'a', probability: 0.5 }],
      original: { id: 7, text: 'b', probability: 0.1, rank: 3 },
    },
    { index: 1, top: [{ id: 9, text: 'a', probability: 0.5 }], original: null },
  ];
  expect(outputPlaces({ ...encoder, fills }).places).toEqual([
    { index: 0, id: 7, row: 0 },
    { index: 1, id: 9, row: 1 },
  ]);
});

test('none is an error with what to do', () => {
  expect(() => outputPlaces({ ...TEXT, target: [token(0, true)] })).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error,
  );
});
