/** Pieces left out, through the engine's own parts: each cost is that of reading the shorter text, on every family of models. */
import { describe, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { inputWithout } from '../../src/engine/ablation/inputWithout';
import { leaveOut } from '../../src/engine/ablation/leaveOut';
import type { LeftOutCosts } from '../../src/protocol/engine';
import { gatedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';
import { fourWritten, scoresOf } from './plainScores';
import { realRun } from '../webview/realRun';

const explained = useExplainedFixtures();

const meanOf = async (...asked: Parameters<typeof scoresOf>): Promise<number> => {
  const scores = await scoresOf(...asked);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};

describe.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'genai-llama-fp32-cpu'])('%s', (name) => {
  test('a piece that is removed, or replaced, costs what reading the other text gives', async () => {
    const { explanation, isPrompt, input, output, graphs } = await fourWritten(explained, name);
    const { model } = explanation;
    const ranges = [
      { from: 1, to: 2 },
      { from: 2, to: 5 },
      { from: input.length - 2, to: input.length - 1 },
    ];
    for (const manner of ['removed', 'replaced'] as const) {
      const told: number[] = [];
      let costs: LeftOutCosts;
      try {
        costs = await leaveOut(explanation, graphs, { ranges, manner }, ({ done }) => told.push(done), NEVER);
      } catch (thrown) {
        // A model without a mask and a padding token has nothing to put there.
        expect(manner === 'replaced' && model.spec.pad < 0 ? thrown : null).toMatchObject({ code: 'INVALID_REQUEST' });
        continue;
      }
      expect(told).toEqual([1, 2, 3]);
      expect(costs).toMatchObject({ sequence: isPrompt ? 'target' : 'source', gaps: [], done: 3 });
      expect(costs.plain).toBeCloseTo(await meanOf(explanation, input, output), 3);
      for (const [at, { from, to }] of ranges.entries()) {
        const filler = manner === 'replaced' ? input.slice(from, to).map(() => model.spec.pad) : [];
        const other = await meanOf(explanation, [...input.slice(0, from), ...filler, ...input.slice(to)], output);
        expect(costs.plain - (costs.costs[at] ?? NaN)).toBeCloseTo(other, 3);
      }
      expect(costs.agreement).toMatchObject({ kind: isPrompt ? 'decoder' : 'cross' });
      expect(costs.agreement?.correlations.every((value) => Number.isNaN(value) || Math.abs(value) <= 1)).toBe(true);
    }
    explanation.dispose();
  });

  test('two parts that are left out together: each token of the output as after the other text, and what is written then', async () => {
    const { explanation, input, output, graphs } = await fourWritten(explained, name);
    const { outputText } = explanation;
    const ranges = [
      { from: 4, to: 5 },
      { from: 1, to: 2 },
      { from: 2, to: 3 },
    ];
    const report = await inputWithout(explanation, graphs, { ranges, manner: 'removed' }, NEVER);
    expect(report.ranges).toEqual([
      { from: 1, to: 3 },
      { from: 4, to: 5 },
    ]);
    const shorter = input.filter((_, at) => ![1, 2, 4].includes(at));
    const [before, after] = [await scoresOf(explanation, input, output), await scoresOf(explanation, shorter, output)];
    expect(report.tokens.map(({ index }) => index)).toEqual(output.map((_, at) => outputText.given + at));
    for (const [at, token] of report.tokens.entries()) {
      expect(token.before).toBeCloseTo(before[at] ?? NaN, 3);
      expect(token.after).toBeCloseTo(after[at] ?? NaN, 3);
    }
    // What is written then is what its own first token makes likeliest, and so on.
    expect(report.written.length).toBeGreaterThan(0);
    expect(report.written[0]?.id).toBe(report.tokens[0]?.likeliest.id);
    const written = report.written.map(({ id }) => id);
    const own = await scoresOf(explanation, shorter, written);
    const greedy = await scoresOf(explanation, shorter, output.slice(0, written.length));
    expect(own[0]).toBeGreaterThanOrEqual((greedy[0] ?? NaN) - 1e-4);
    explanation.dispose();
  });
});

test.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'sdpa-bert', 'genai-llama-fp32-cpu'])(
  '%s: a text that is explained without pieces of it is the text without them, each token in its place in the whole',
  async (name) => {
    const whole = await explained(name, 'Hello there');
    const { model } = whole;
    const sequence = model.report.family === 'decoder-only' ? 'target' : 'source';
    const at = (character: number): number => whole.tokens[sequence].findIndex(({ start }) => start === character);
    const ranges = [1, 4, 10].map((character) => ({ from: at(character), to: at(character) + 1 }));
    const intervention = { ranges, manner: 'removed', off: [] } as const;
    const without = await ComputedExplanation.create('b', 'Hello there', 0, model, { intervention });
    const written = await ComputedExplanation.create('c', 'Hll ther', 0, model);
    expect(without.encoded.intervention).toEqual({ ...intervention, pieces: ['e', 'o', 'e'] });
    expect(without.explanation.sequences).toEqual(written.explanation.sequences);
    const places = without.explanation.tokens[sequence].map(({ start }) => start).filter((start) => start >= 0);
    expect(places).toEqual([0, 2, 3, 5, 6, 7, 8, 9]);
    for (const { kind } of model.report.kinds.filter(({ queries }) => queries === sequence)) {
      const [one, other] = [without, written].map(({ explanation: { store } }) =>
        store.tokenWeights(sequence, [3]).find((weights) => weights.kind === kind),
      );
      expect(one?.data.length).toBeGreaterThan(0);
      expect(one).toEqual(other);
    }
    for (const { explanation } of [without, written]) {
      if (model.decoder) await explanation.generate(3, NEVER, () => undefined);
      explanation.dispose();
    }
    expect(without.explanation.tokens.target.map(({ id }) => id)).toEqual(
      written.explanation.tokens.target.map(({ id }) => id),
    );
    await expect(
      ComputedExplanation.create('d', 'Hello there', 0, model, {
        intervention: { manner: 'removed', off: [], ranges: [{ from: 0, to: whole.tokens[sequence].length }] },
      }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    whole.dispose();
  },
);

test('pieces that are replaced have their places and the padding token’s id', async () => {
  const whole = await explained('sdpa-marian', 'Hello there');
  const intervention = { ranges: [{ from: 1, to: 3 }], manner: 'replaced', off: [] } as const;
  const { explanation } = await ComputedExplanation.create('b', 'Hello there', 0, whole.model, { intervention });
  const { pad } = whole.model.spec;
  const ids = whole.tokens.source.map(({ id }, at) => (at === 1 || at === 2 ? pad : id));
  expect(explanation.tokens.source.map(({ id }) => id)).toEqual(ids);
  expect(explanation.tokens.source.map(({ start, end }) => [start, end])).toEqual(
    whole.tokens.source.map(({ start, end }) => [start, end]),
  );
  for (const one of [whole, explanation]) one.dispose();
});

test('what cannot be left out is said: no such piece, and nothing left', async () => {
  const explanation = await explained('sdpa-marian', 'a');
  await explanation.generate(2, NEVER, () => undefined);
  const graphs = await gatedGraphs(explanation.model, fixtureFiles('sdpa-marian'));
  const length = explanation.sequences.source.length;
  for (const ranges of [[], [{ from: 2, to: 2 }], [{ from: 0, to: length + 1 }]])
    await expect(
      leaveOut(explanation, graphs, { ranges, manner: 'removed' }, () => undefined, NEVER),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  const whole = { ranges: [{ from: 0, to: length }], manner: 'removed' } as const;
  await expect(inputWithout(explanation, graphs, whole, NEVER)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('nothing of the text would be left') as string,
  });
  const all = await leaveOut(
    explanation,
    graphs,
    { ranges: [{ from: 0, to: length }], manner: 'removed' },
    () => undefined,
    NEVER,
  );
  expect([...all.costs]).toEqual([NaN]);
  expect(all.gaps).toEqual(['nothing of the text would be left']);
  explanation.dispose();
});

test('on the bundled model a name that is copied into the output costs most where it is left out', async () => {
  const host = await realRun('The treaty was signed in Paris by the ministers of Spain and Portugal in 1992.', 40);
  const { snapshot, switcher } = host;
  const { source = [], target = [] } = snapshot ?? {};
  const copied = target.flatMap(({ id, special }, word) => {
    const at = source.findIndex((one) => one.id === id && !special && /[A-Z\d]{1}\w{2}/.test(one.text));
    return at > 0 ? [{ word, at }] : [];
  });
  expect(copied.length).toBeGreaterThan(0);
  const ranges = source.flatMap(({ special }, from) => (special ? [] : [{ from, to: from + 1 }]));
  const most = [];
  for (const { word } of copied) {
    const request = { explanation: 'one', ranges, manner: 'removed', outputs: [word] } as const;
    const costs = [...((await switcher?.leaveOut(request, () => undefined))?.costs ?? [])];
    most.push(ranges[costs.indexOf(Math.max(...costs))]?.from);
  }
  expect(most).toEqual(copied.map(({ at }) => at));
});
