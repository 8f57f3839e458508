/** Single links of attention cut: against `transformers` with the same scores at −∞ (knockout.py), and what cannot be cut is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Knockout } from '../../src/attention/types';
import { GATED, GatedRuns } from '../../src/engine/ablation/gatedRuns';
import { gatesWithout } from '../../src/engine/ablation/gates';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { probedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';
import { numbers, size, type Packed } from './packed';
import { largestDifference, readReference } from './reference';

interface Cut {
  readonly cut: readonly Knockout[];
  readonly result: Packed;
}

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/knockout.json'), 'utf8')) as Readonly<
  Record<string, readonly Cut[]>
>;
const CUTTING = { ...GATED, knockouts: true };

const explained = useExplainedFixtures();

describe.each(['eager-bert', 'eager-gpt2', 'sdpa-llama', 'sdpa-marian', 'eager-t5'])('%s', (name) => {
  test('one link of one head, and all links between some tokens, change what they change in transformers', async () => {
    const { model } = await explained(name);
    const { input_ids, decoder_input_ids = input_ids } = readReference(name);
    const graphs = await probedGraphs(model, fixtureFiles(name), CUTTING);
    const text = { source: input_ids, target: decoder_input_ids };
    const run = async (cut: readonly Knockout[]): Promise<Float32Array> => {
      const runs = new GatedRuns(model, graphs, text, cut);
      const { data } = await runs.result(gatesWithout(model.report.kinds, []));
      runs.dispose();
      return data;
    };
    const whole = await run([]);
    for (const { cut, result } of EXPECTED[name] ?? []) {
      const wanted = numbers(result);
      const found = await run(cut);
      expect(largestDifference(found, wanted) / size(wanted), JSON.stringify(cut)).toBeLessThan(2e-5);
      expect(largestDifference(found, whole), 'it changes something').toBeGreaterThan(4e-5);
    }
  });
});

test('beside the output as it is: its tokens, what is written then, and nothing without a link that is cut', async () => {
  const explanation = await explained('sdpa-marian');
  await explanation.generate(4, NEVER, () => undefined);
  const graphs = await probedGraphs(explanation.model, fixtureFiles('sdpa-marian'), CUTTING);
  const cut: Knockout = { kind: 'cross', layer: -1, head: -1, queries: [0, 1, 2, 3], keys: [0, 1, 2] };
  const report = await headsOff(explanation, graphs, { off: [], cut: [cut] }, undefined);
  expect(report.cut).toEqual([cut]);
  expect(report.tokens.some(({ before, after }) => Math.abs(before - after) > 1e-4)).toBe(true);
  // What is written step by step begins with what the same cut finds likeliest for the first token.
  expect(report.written[0]?.id).toBe(report.tokens[0]?.likeliest.id);
  const none = await headsOff(explanation, graphs, { off: [] }, undefined);
  for (const { before, after } of none.tokens) expect(after).toBeCloseTo(before, 5);
});

test('a token that would be left with nothing to look at, and a kernel that keeps its scores to itself, are said', async () => {
  const plain = await explained('eager-gpt2');
  await plain.generate(2, NEVER, () => undefined);
  const graphs = await probedGraphs(plain.model, fixtureFiles('eager-gpt2'), CUTTING);
  const all: Knockout = { kind: 'decoder', layer: 0, head: 0, queries: [2], keys: [0, 1, 2] };
  await expect(headsOff(plain, graphs, { off: [], cut: [all] }, undefined)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('Token 3 would be left with nothing to look at') as string,
  });

  const fused = await explained('genai-llama-fp32-cpu');
  await fused.generate(2, NEVER, () => undefined);
  const kernels = await probedGraphs(fused.model, fixtureFiles('genai-llama-fp32-cpu'), CUTTING);
  const one: Knockout = { kind: 'decoder', layer: 0, head: 0, queries: [2], keys: [1] };
  await expect(headsOff(fused, kernels, { off: [], cut: [one] }, undefined)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringMatching(/^This link cannot be cut: .+\.$/) as string,
  });
});
