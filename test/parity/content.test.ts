/** What the engine answers about a text that goes on, and about one that is no longer there: the bundled model, really run. */
import { expect, test } from 'vitest';
import { contentOf } from '../../src/attention/content';
import { mapOf } from '../../src/engine/weights/maps';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { fromByte } from '../../src/measure/bytes';
import { MEASURES } from '../../src/measure/measure';
import { bundledModel } from '../webview/realRun';

const none = (): void => undefined;

test('weights are of the tokens that were asked about, or are not told', async () => {
  const { explanation, encoded } = await ComputedExplanation.create(
    'one',
    'The white horse is bigger than the black dog.',
    0,
    await bundledModel(),
  );
  const signal = new AbortController().signal;
  const first = await explanation.generate(4, signal, none);
  const asked = contentOf(encoded.source, first.target);
  const before = await mapOf(explanation.weights(asked), { kind: 'cross', layer: 1, head: 2 });
  await explanation.generate(3, signal, none);
  expect(explanation.store.rows('cross')).toBeGreaterThan(first.target.length);
  // Of the same tokens the same is told, with the row of the one that had been written last and not been read.
  const after = await mapOf(explanation.weights(asked), { kind: 'cross', layer: 1, head: 2 });
  expect(after.queries).toBe(first.target.length);
  expect(after.data.subarray(0, before.data.length)).toEqual(before.data);

  await explanation.branch({ explanation: 'one', step: 1, token: first.steps[1]?.top[1]?.id ?? -1 });
  expect(() => explanation.weights(asked)).toThrow(expect.objectContaining({ code: 'TEXT_CHANGED' }));
  const kept = contentOf(encoded.source, first.target.slice(0, 2));
  expect(explanation.weights(kept).store.kind('decoder').queries).toBe(2);
  explanation.dispose();
});

test('the difference from the mean head is signed, and sums to nothing over a row and over all heads', async () => {
  const model = await bundledModel();
  const { explanation, encoded } = await ComputedExplanation.create('two', 'The dog slept.', 0, model);
  const info = model.report.kinds.find(({ kind }) => kind === 'encoder');
  if (!info) throw new Error('No encoder.');
  const size = encoded.source.length ** 2;
  const sums = new Float64Array(size);
  let least = 0;
  for (let layer = 0; layer < info.layers; layer++)
    for (let head = 0; head < info.heads; head++) {
      const map = await mapOf(explanation.weights(undefined), { kind: 'encoder', layer, head, measure: 'difference' });
      const values = Array.from(map.data, (byte) => fromByte(byte, MEASURES.difference));
      values.forEach((value, at) => (sums[at] = (sums[at] ?? 0) + value));
      least = Math.min(least, ...values);
      const row = values.slice(0, map.keys).reduce((sum, value) => sum + value, 0);
      expect(Math.abs(row)).toBeLessThan((map.keys * 0.5) / 127);
    }
  expect(least).toBeLessThan(-0.1);
  const heads = info.layers * info.heads;
  for (const sum of sums) expect(Math.abs(sum) / heads).toBeLessThan(0.5 / 127);
  explanation.dispose();
});
