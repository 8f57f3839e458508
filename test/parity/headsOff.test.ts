/** Heads switched off, through the engine's own parts: what is scored, what is written without them, and what each is worth. */
import { describe, expect, test } from 'vitest';
import type { HeadRef } from '../../src/attention/types';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { headsOff } from '../../src/engine/ablation/headsOff';
import type { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { probeText } from '../../src/engine/probes/probedText';
import type { ProbedGraph } from '../../src/engine/probes/probeSessions';
import type { HeadCosts } from '../../src/protocol/engine';
import { gatedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';

const fixture = useExplainedFixtures();

async function explained(
  name: string,
  steps = 4,
): Promise<{ readonly explanation: ComputedExplanation; readonly graphs: readonly ProbedGraph[] }> {
  const explanation = await fixture(name);
  const { model } = explanation;
  if (model.report.family !== 'encoder-only') await explanation.generate(steps, NEVER, () => undefined);
  return { explanation, graphs: await gatedGraphs(model, fixtureFiles(name)) };
}

describe.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'genai-llama-fp32-cpu', 'dynamo-plbart-whole'])(
  '%s',
  (name) => {
    test('scores are the log probabilities of the gated graph, and a text written without heads is what that graph writes', async () => {
      const { explanation, graphs } = await explained(name);
      const { report } = explanation.model;
      const off: readonly HeadRef[] = report.kinds.map(({ kind }) => ({ kind, layer: 0, head: 1 }));
      const result = await headsOff(explanation, graphs, { off }, undefined);
      const rows = result.tokens.map(({ index }) => index - 1);
      expect(rows.length).toBeGreaterThan(0);
      const gates = Object.fromEntries(
        report.kinds.map(({ kind, layers, heads }) => [
          kind,
          Array.from({ length: layers * heads }, (_, at) => Number(at !== 1)),
        ]),
      );
      for (const [wanted, when] of [
        [undefined, 'before'],
        [gates, 'after'],
      ] as const) {
        const request = { explanation: 'a', probes: [], gates: wanted ?? {}, rows };
        const { logits } = await probeText(explanation.model, graphs, explanation.sequences, request);
        const size = logits?.dims[2] ?? 0;
        result.tokens.forEach((token, place) => {
          const row = logits?.data.subarray(place * size, (place + 1) * size) ?? new Float32Array();
          const sum = row.reduce((all, value) => all + Math.exp(value), 0);
          const id = explanation.tokens.target[token.index]?.id ?? -1;
          expect(token[when]).toBeCloseTo((row[id] ?? NaN) - Math.log(sum), 4);
          if (when === 'after') {
            expect(row[token.likeliest.id]).toBe(Math.max(...row));
            expect(token.likeliest.probability).toBeCloseTo(Math.exp(Math.max(...row)) / sum, 5);
          }
        });
      }
      // Step by step without a cache: the first written token is what the gated graph finds likeliest after what was given.
      const given = explanation.outputText.given;
      const first = result.tokens.find(({ index }) => index === given);
      expect(result.written[0]?.id).toBe(first?.likeliest.id);
      // None off: the same text again, and no change.
      const none = await headsOff(explanation, graphs, { off: [] }, undefined);
      expect(none.written.map(({ id }) => id)).toEqual(explanation.tokens.target.slice(given).map(({ id }) => id));
      for (const { before, after } of none.tokens) expect(after).toBeCloseTo(before, 5);
    });

    test('what heads are worth is what the output loses without each; what is known when it stops was told', async () => {
      const { explanation, graphs } = await explained(name);
      const kind = explanation.model.report.kinds.at(-1)?.kind ?? 'decoder';
      const told: HeadCosts[] = [];
      const costs = await headCosts(explanation, graphs, { kind }, (sofar) => told.push(sofar), undefined);
      expect(told.map(({ done }) => done)).toEqual(
        Array.from({ length: costs.layers * costs.heads }, (_, at) => at + 1),
      );
      expect(told[0]?.costs.slice(1).every(Number.isNaN)).toBe(true);
      for (const at of [0, costs.costs.length - 1]) {
        const head = { kind, layer: Math.floor(at / costs.heads), head: at % costs.heads };
        const { tokens } = await headsOff(explanation, graphs, { off: [head] }, undefined);
        const lost = tokens.reduce((sum, { before, after }) => sum + before - after, 0) / tokens.length;
        expect(costs.costs[at]).toBeCloseTo(lost, 5);
        expect(costs.plain).toBeCloseTo(tokens.reduce((sum, { before }) => sum + before, 0) / tokens.length, 5);
      }
      // Whole layers come first: all of a layer's heads at once.
      for (let layer = 0; layer < costs.layers; layer++) {
        const off = Array.from({ length: costs.heads }, (_, head) => ({ kind, layer, head }));
        const { tokens } = await headsOff(explanation, graphs, { off }, undefined);
        const lost = tokens.reduce((sum, { before, after }) => sum + before - after, 0) / tokens.length;
        expect(costs.layerCosts[layer]).toBeCloseTo(lost, 5);
      }
      expect(told[0]?.layerCosts.every(Number.isFinite)).toBe(true);
      const abort = new AbortController();
      const stopped = headCosts(explanation, graphs, { kind }, () => abort.abort(), abort.signal);
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    });
  },
);

test('every head off is no error, and an output that is not there is said', async () => {
  const { explanation, graphs } = await explained('sdpa-marian', 0);
  await expect(headsOff(explanation, graphs, { off: [] }, undefined)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  });
  await explanation.generate(2, NEVER, () => undefined);
  const off = explanation.model.report.kinds.flatMap(({ kind, layers, heads }) =>
    Array.from({ length: layers * heads }, (_, at) => ({ kind, layer: Math.floor(at / heads), head: at % heads })),
  );
  const { tokens, written } = await headsOff(explanation, graphs, { off }, undefined);
  expect(tokens.every(({ after }) => Number.isFinite(after))).toBe(true);
  expect(written.length).toBeGreaterThan(0);
});
