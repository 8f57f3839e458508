/** A sparse fit over random masks, through the engine's own parts: it is the fit of what reading the shorter texts gives, and finds planted facts. */
import { describe, expect, test } from 'vitest';
import { logOdds, maskFit, randomMask } from '../../src/engine/ablation/maskFit';
import type { TokenRange } from '../../src/attention/types';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { lasso, predicted } from '../../src/measure/lasso';
import { rankCorrelation } from '../../src/measure/rankCorrelation';
import { sentenceRanges } from '../../src/measure/sentenceRanges';
import type { LeftOutCosts } from '../../src/protocol/engine';
import { gatedGraphs } from '../support/gatedGraphs';
import { bundledFiles } from '../support/bundledFiles';
import { bundledModel } from '../webview/realRun';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';
import { fourWritten, scoresOf } from './plainScores';

const explained = useExplainedFixtures();
const MASKS = 64;

test('log-odds: even chances are 0, odds of 3 to 1 are ln 3; what is all but impossible keeps its size, what is certain is finite', () => {
  expect(logOdds(Math.log(0.5))).toBeCloseTo(0, 12);
  expect(logOdds(Math.log(0.75))).toBeCloseTo(Math.log(3), 12);
  expect(logOdds(-300)).toBeCloseTo(-300, 9);
  expect(logOdds(0)).toBeGreaterThan(10);
  expect(logOdds(0)).toBeLessThan(40);
});

test('masks are the same each time, differ from each other, and keep about half of the pieces', () => {
  const masks = Array.from({ length: MASKS }, (_, place) => randomMask(12, place));
  expect(masks).toEqual(Array.from({ length: MASKS }, (_, place) => randomMask(12, place)));
  expect(new Set(masks.map((mask) => mask.join(''))).size).toBeGreaterThan(60);
  // 768 fair draws: the share that is kept lies within four standard deviations of a half.
  const kept = masks.flat().filter((one) => one === 1).length / (MASKS * 12);
  expect(Math.abs(kept - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(MASKS * 12));
});

describe.each(['eager-gpt2', 'sdpa-marian'])('%s', (name) => {
  test('the costs are the lasso’s weights of what the plain model gives for the masked texts, and so is what it foretells', async () => {
    const { explanation, input, output, graphs } = await fourWritten(explained, name);
    // Seven pieces of two tokens or one; the first token, and a last separator, stay.
    const ranges = [1, 3, 5, 6, 7, 8, 9].map((from, at, all) => ({ from, to: all[at + 1] ?? from + 1 }));
    const told: LeftOutCosts[] = [];
    const wanted = { ranges, manner: 'removed' } as const;
    const report = await maskFit(explanation, graphs, wanted, (sofar) => told.push(sofar), NEVER);
    expect(told.map(({ done }) => done)).toEqual(Array.from({ length: MASKS }, (_, at) => at + 1));
    expect(report).toMatchObject({ done: MASKS, gaps: [], fit: { masks: MASKS, heldOut: MASKS / 4 } });

    // The first 64 that differ.
    const masks: (readonly number[])[] = [];
    for (let place = 0; masks.length < MASKS; place++) {
      const mask = randomMask(ranges.length, place);
      if (!masks.some((one) => one.join() === mask.join())) masks.push(mask);
    }
    const values: number[] = [];
    for (const mask of masks) {
      const left = input.filter(
        (_, at) => !ranges.some(({ from, to }, piece) => mask[piece] === 0 && from <= at && at < to),
      );
      const scores = await scoresOf(explanation, left, output);
      values.push(logOdds(scores.reduce((sum, one) => sum + one, 0)) / scores.length);
    }
    const isHeld = (at: number): boolean => at % 4 === 3;
    const fit = lasso(
      masks.filter((_, at) => !isHeld(at)),
      values.filter((_, at) => !isHeld(at)),
      0.01,
    );
    for (const [at, weight] of fit.weights.entries()) expect(report.costs[at]).toBeCloseTo(weight, 3);
    const held = masks.filter((_, at) => isHeld(at));
    const correlation = rankCorrelation(
      held.map((mask) => predicted(fit, mask)),
      values.filter((_, at) => isHeld(at)),
    );
    expect(report.fit?.correlation).toBeCloseTo(correlation, 1);
    // Again the same, to the last bit.
    expect((await maskFit(explanation, graphs, wanted, () => undefined, NEVER)).costs).toEqual(report.costs);
    explanation.dispose();
  });
});

test('stopped half-way, the fit of the masks so far stays; too few of them are no fit', async () => {
  const { explanation, graphs } = await fourWritten(explained, 'sdpa-marian');
  const ranges = [1, 2, 3, 4, 5, 6, 7].map((from) => ({ from, to: from + 1 }));
  const stop = new AbortController();
  const told: LeftOutCosts[] = [];
  const running = maskFit(
    explanation,
    graphs,
    { ranges, manner: 'removed' },
    (sofar) => {
      told.push(sofar);
      if (sofar.done === 20) stop.abort();
    },
    stop.signal,
  );
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect([...(told[6]?.costs ?? [])]).toEqual(ranges.map(() => NaN));
  expect(told.at(-1)).toMatchObject({ done: 20, agreement: null, fit: { masks: MASKS, heldOut: 5 } });
  expect(told.at(-1)?.costs.every((cost) => Number.isFinite(cost))).toBe(true);
  explanation.dispose();
});

test('few pieces have few masks, each of which is read once', async () => {
  const { explanation, input, output, graphs } = await fourWritten(explained, 'sdpa-marian');
  const wanted = { ranges: [{ from: 1, to: 4 }], manner: 'removed' } as const;
  const report = await maskFit(explanation, graphs, wanted, () => undefined, NEVER);
  expect(report).toMatchObject({ done: 2, fit: { masks: 2, heldOut: 0, correlation: null } });
  const odds = async (ids: readonly number[]): Promise<number> => {
    const scores = await scoresOf(explanation, ids, output);
    return logOdds(scores.reduce((sum, one) => sum + one, 0)) / scores.length;
  };
  const change = (await odds(input)) - (await odds(input.filter((_, at) => at < 1 || at >= 4)));
  // Of two masks the standardised weight is half of the change; the lasso takes 0.01 off it.
  expect(report.costs[0]).toBeCloseTo(2 * Math.sign(change) * Math.max(0, Math.abs(change) / 2 - 0.01), 3);
  explanation.dispose();
});

test('an output that is among the pieces is refused, and so is a text of which nothing would be left said', async () => {
  const prompt = await explained('eager-gpt2');
  const graphs = await gatedGraphs(prompt.model, fixtureFiles('eager-gpt2'));
  const wanted = { ranges: [{ from: 1, to: 4 }], manner: 'removed' } as const;
  await expect(maskFit(prompt, graphs, wanted, () => undefined, NEVER)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('an output that is in none of the pieces') as string,
  });
  prompt.dispose();
  const { explanation, graphs: own } = await fourWritten(explained, 'sdpa-marian');
  const whole = { ranges: [{ from: 0, to: explanation.sequences.source.length }], manner: 'removed' } as const;
  const report = await maskFit(explanation, own, whole, () => undefined, NEVER);
  expect([...report.costs]).toEqual([NaN]);
  expect(report.gaps).toEqual(['nothing of the text would be left']);
  explanation.dispose();
});

test('on the bundled model the three sentences that the fit puts first cost more, left out together, than three random ones', async () => {
  const text =
    'The meeting began in the morning. Maria spoke for Spain. It rained all day. The treaty was signed in Lisbon. ' +
    'Nobody was late. The room was cold. The ministers agreed in 1992. Then they went home.';
  const { explanation } = await ComputedExplanation.create('a', text, 0, await bundledModel());
  await explanation.generate(120, NEVER, () => undefined);
  const { tokens, sequences, outputText, model } = explanation;
  // The planted facts: what the output says of Maria, Spain, Lisbon and 1992.
  const written = tokens.target.map(({ text: piece }) => piece).join('');
  const facts = ['Maria', 'Espagne', 'Lisbon', '1992'];
  const ends = tokens.target.map((_, at) =>
    tokens.target.slice(0, at + 1).reduce((sum, one) => sum + one.text.length, 0),
  );
  const outputs = tokens.target.flatMap(({ special, text: piece }, at) => {
    const [from, to] = [(ends[at] ?? 0) - piece.trimStart().length, ends[at] ?? 0];
    const isFact = facts.some((fact) => {
      const place = written.indexOf(fact);
      return place >= 0 && place <= from && to <= place + fact.length;
    });
    return isFact && !special && to > from ? [at] : [];
  });
  const ranges = sentenceRanges(tokens.source);
  expect(ranges).toHaveLength(8);
  expect(outputs.length).toBeGreaterThan(5);
  const graphs = await gatedGraphs(model, bundledFiles());
  const wanted = { ranges, manner: 'removed', outputs } as const;
  const report = await maskFit(explanation, graphs, wanted, () => undefined, NEVER);
  const order = ranges.map((_, at) => at).sort((a, b) => (report.costs[b] ?? NaN) - (report.costs[a] ?? NaN));

  /** The mean log probability of the facts without some sentences, by the plain model. */
  const without = async (pieces: readonly number[]): Promise<number> => {
    const isGone = (at: number): boolean => pieces.some((piece) => isIn(ranges[piece], at));
    const scores = await scoresOf(
      explanation,
      sequences.source.filter((_, at) => !isGone(at)),
      sequences.target.slice(outputText.given),
    );
    return outputs.reduce((sum, at) => sum + (scores[at - outputText.given] ?? NaN), 0) / outputs.length;
  };
  const whole = await without([]);
  const first = whole - (await without(order.slice(0, 3)));
  // Of all triples, of which three random sentences are one, few cost more.
  const triples = ranges.flatMap((_, a) =>
    ranges.flatMap((__, b) => ranges.flatMap((___, c) => (a < b && b < c ? [[a, b, c]] : []))),
  );
  const all: number[] = [];
  for (const triple of triples) all.push(whole - (await without(triple)));
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  expect(all).toHaveLength(56);
  expect(first).toBeGreaterThan(2 * mean);
  expect(all.filter((one) => one > first + 1e-6).length).toBeLessThan(6);
  expect(report.fit?.correlation).toBeGreaterThan(0.5);
  explanation.dispose();
});

const isIn = (range: TokenRange | undefined, at: number): boolean =>
  range !== undefined && range.from <= at && at < range.to;
