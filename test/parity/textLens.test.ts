/** The logit lens over a text, through the engine's own parts: its last layer is what the model said step by step, its ranks are of its tokens. */
import { describe, expect, test } from 'vitest';
import { LENS, textLens } from '../../src/engine/lens/textLens';
import { probeText } from '../../src/engine/probes/probedText';
import { probedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';

const explained = useExplainedFixtures();

describe.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'genai-llama-fp32-cpu', 'dynamo-plbart-whole'])(
  '%s',
  (name) => {
    test('a page of places: the output as the model wrote it, the rank of what came, no more than was asked for', async () => {
      const explanation = await explained(name);
      const { steps } = await explanation.generate(4, NEVER, () => undefined);
      const { target } = explanation.tokens;
      const graphs = await probedGraphs(explanation.model, fixtureFiles(name), LENS);
      const report = await textLens(explanation, graphs, { from: 0, count: 64 }, NEVER);
      expect(report).toMatchObject({ sequence: 'target', length: target.length, gaps: [] });
      expect(report.layers).toEqual(report.layers.map((_, at) => at - 1));
      expect(report.rows.map(({ index }) => index)).toEqual(target.map((_, index) => index));
      for (const { index, chosen, rank, top } of steps) {
        const row = report.rows[index - 1];
        expect(row?.came?.id).toBe(chosen.id);
        const output = row?.cells.at(-1);
        expect(output?.came?.rank).toBe(rank);
        expect(output?.came?.probability).toBeCloseTo(chosen.probability, 3);
        expect(output?.top[0]?.id).toBe(top[0]?.id);
        // An earlier layer says something of its own.
        const all = row?.cells.map(({ came }) => came?.probability) ?? [];
        expect(new Set(all).size).toBe(report.layers.length);
      }
      // What was written last has not been followed by anything.
      expect(report.rows.at(-1)).toMatchObject({ came: null });
      expect(report.rows.at(-1)?.cells.every(({ came }) => came === null)).toBe(true);

      const part = await textLens(explanation, graphs, { from: 1, count: 2 }, NEVER);
      expect(part.rows).toEqual(report.rows.slice(1, 3));
      await expect(textLens(explanation, graphs, { from: 500, count: 2 }, NEVER)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
      // The ranks are those of the graph's own numbers.
      const [row] = report.rows;
      const { tensors } = await probeText(explanation.model, graphs, explanation.sequences, {
        explanation: '',
        ...LENS,
        rows: [0],
      });
      for (const [at, layer] of report.layers.entries()) {
        const logits = tensors.find((one) => one.measure === 'lens' && one.layer === layer)?.data ?? new Float32Array();
        const own = logits[row?.came?.id ?? -1] ?? NaN;
        expect(row?.cells[at]?.came?.rank).toBe(1 + [...logits].filter((value) => value > own).length);
      }
      explanation.dispose();
    });
  },
);

test('an encoder predicts what stands at the place itself; one without an output says why it cannot be read', async () => {
  const bert = await explained('eager-bert');
  const graphs = await probedGraphs(bert.model, fixtureFiles('eager-bert'), LENS);
  const report = await textLens(bert, graphs, { from: 0, count: 3 }, NEVER);
  expect(report.sequence).toBe('source');
  if (report.layers.length > 0) expect(report.rows[1]?.came?.id).toBe(bert.tokens.source[1]?.id);
  else expect(report.gaps.join()).toMatch(/\w{3}/);
  bert.dispose();
});
