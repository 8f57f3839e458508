/** Roles of heads through the engine's own parts: on a text, and on the probe set. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { AttentionKind, RoleTable } from '../../src/attention/types';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { ALIGNED_PAIRS } from '../../src/engine/headProbe/alignedPairs';
import { measureHeads } from '../../src/engine/headProbe/measureHeads';
import { PROBE_SENTENCES, SENTENCES_WITH_NAMES } from '../../src/engine/headProbe/probeSentences';
import { inSlices } from '../../src/engine/macrotask';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { rolesOfText } from '../../src/engine/weights/headRoles';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { BUNDLED, FIXTURES, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;
const ASCII = { 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
const loaded: LoadedModel[] = [];
afterEach(async () => {
  for (const model of loaded.splice(0)) await model.dispose();
});

async function load(folder: string, more: ModelFiles = {}): Promise<LoadedModel> {
  useNodeRuntime();
  const files = { ...readFolder(folder), ...more };
  const model = await loadModel({ modelId: 'a', version: '', name: 'a', files }, PROVIDER, () => undefined, NEVER);
  loaded.push(model);
  return model;
}

/** A kind's roles on a text, as the service asks for them. */
const rolesOn = (model: LoadedModel, explanation: ComputedExplanation, kind: AttentionKind): Promise<RoleTable> =>
  inSlices(rolesOfText(explanation.weights(undefined), kind, model.report.family));

/** Measures on some sentences. */
const measureOn = (model: LoadedModel, sentences: readonly string[], told = (_: number): void => undefined) =>
  measureHeads(model, { pairs: [], sentences, parts: 'all', told }, NEVER);

describe.each(['eager-gpt2', 'eager-bert', 'sdpa-marian'])('%s', (name) => {
  test('the share on the token before, on the first token and on separators is that of the exact weights', async () => {
    const model = await load(join(FIXTURES, name), ASCII);
    const { explanation } = await ComputedExplanation.create('a', 'Hello there, you', 0, model);
    if (model.report.family === 'encoder-decoder') await explanation.generate(4, NEVER, () => undefined);
    for (const { kind, layers, heads, queries, keys } of model.report.kinds) {
      const table = await rolesOn(model, explanation, kind);
      const rows = explanation.store.rows(kind);
      const tokens = explanation.weights(undefined)[queries];
      for (let at = 0; at < layers * heads; at++) {
        let previous = 0;
        let sink = 0;
        let counted = 0;
        for (let query = 0; query < rows; query++) {
          if (tokens[query]?.special === true || (kind === 'decoder' && query === 0)) continue;
          const exact = explanation.store
            .tokenWeights(queries, [query])
            .find((one) => one.kind === kind && one.role === 'query');
          const row = exact?.data.subarray(at * exact.length, (at + 1) * exact.length) ?? new Float32Array();
          counted++;
          if (query > 0) previous += row[query - 1] ?? 0;
          row.forEach((weight, key) => {
            const isFirst = key === 0 && model.report.family === 'decoder-only';
            if (isFirst || explanation.weights(undefined)[keys][key]?.special === true) sink += weight;
          });
        }
        expect(counted).toBeGreaterThan(2);
        expect(table.scores.sink[at]).toBeCloseTo(sink / counted, 5);
        if (queries === keys) expect(table.scores.previous[at]).toBeGreaterThan(0);
        else expect(table.scores.previous[at]).toBeNull();
        if (queries === keys && kind === 'decoder' && tokens[0]?.special !== true)
          expect(table.scores.previous[at]).toBeCloseTo(previous / counted, 5);
      }
    }
    explanation.dispose();
  });

  test('the probe set gives every head a score, and decoders one for repeated random tokens', async () => {
    const model = await load(join(FIXTURES, name), ASCII);
    const { sentences, roles } = await measureOn(model, PROBE_SENTENCES.slice(0, 3));
    expect(sentences).toBe(3);
    expect(roles.map(({ kind }) => kind)).toEqual(model.report.kinds.map(({ kind }) => kind));
    for (const { kind, layers, heads, scores } of roles) {
      for (const role of ['sink', 'entropy', 'diagonal'] as const) {
        expect(scores[role]).toHaveLength(layers * heads);
        expect(scores[role].every((score) => score !== null && score >= 0 && score <= 1.0001)).toBe(true);
      }
      if (kind === 'decoder')
        expect([...scores.induction, ...scores.duplicate].every((score) => score !== null && score >= 0)).toBe(true);
    }
  });
});

describe('the bundled model', () => {
  test('the probe set: progress, a head that looks at the token before, and a cancel that is heard', async () => {
    const model = await load(BUNDLED);
    const told: number[] = [];
    const { roles } = await measureOn(model, PROBE_SENTENCES.slice(0, 4), (done) => told.push(done));
    expect(told).toEqual([0, 1, 2, 3]);
    const most = (kind: AttentionKind): number =>
      Math.max(...(roles.find((table) => table.kind === kind)?.scores.previous ?? []).map((score) => score ?? 0));
    expect(most('encoder')).toBeGreaterThan(0.3);
    // The pooled score is the mean over all rows, whichever sentence they are of.
    const one = await measureOn(model, PROBE_SENTENCES.slice(0, 1));
    expect(one.roles[0]?.scores.previous).not.toEqual(roles[0]?.scores.previous);

    const abort = new AbortController();
    const begun: number[] = [];
    const run = measureHeads(
      model,
      {
        pairs: [],
        sentences: PROBE_SENTENCES,
        parts: 'all',
        told: (done) => {
          begun.push(done);
          if (done === 2) abort.abort();
        },
      },
      abort.signal,
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(begun).toEqual([0, 1, 2]);
  });

  test('hand-aligned pairs find the head that was guided to align, and what is not French is measured by names', async () => {
    const model = await load(BUNDLED);
    const told: (readonly [number, number])[] = [];
    const find = (pairs: typeof ALIGNED_PAIRS) =>
      measureHeads(
        model,
        { pairs, sentences: SENTENCES_WITH_NAMES.slice(0, 2), parts: 'alignment', told: (...of) => told.push(of) },
        NEVER,
      );
    const { alignment, roles } = await find(ALIGNED_PAIRS);
    expect(roles).toEqual([]);
    expect(alignment).toMatchObject({ known: 'links', count: ALIGNED_PAIRS.length });
    expect(told.map(([done]) => done)).toEqual(ALIGNED_PAIRS.map((_, at) => at));
    const [best] = alignment?.choices ?? [];
    expect(model.report.alignmentHeads).toContainEqual({ kind: 'cross', layer: best?.layer, head: best?.head });
    expect(best).toMatchObject({ source: 'head', reading: 'fed' });
    // The whole text was fed, or no head could find the last word's link; a mean of all finds fewer.
    expect(best?.score).toBeGreaterThan(0.8);
    expect(alignment?.choices.find(({ source }) => source === 'all-mean')?.score).toBeLessThan(best?.score ?? 0);

    const other = ALIGNED_PAIRS.slice(0, 3).map((pair) => ({
      ...pair,
      french: 'Der Hund xqz schlaeft jwk im Garten.',
    }));
    expect((await find(other)).alignment?.known).toBe('names');
  });

  test('every token of a forced text has its row', async () => {
    const model = await load(BUNDLED);
    const { explanation } = await ComputedExplanation.create('a', 'The cat sleeps', 0, model);
    const { target } = await explanation.force('Le chat dort');
    expect(explanation.store.rows('cross')).toBe(target.length);
    // It goes on from there as if the tokens had been chosen.
    const gone = await explanation.generate(2, NEVER, () => undefined);
    expect(gone.target.length).toBeGreaterThan(target.length);
    expect(explanation.store.rows('cross')).toBe(gone.target.length - 1);
    explanation.dispose();
  });

  test('odd texts: one token, one word many times, only punctuation, right to left, emoji', async () => {
    const model = await load(BUNDLED);
    for (const text of ['a', 'cat '.repeat(120), '!?… ., ;', 'שלום שלום Anna', '👩‍👩‍👧 👩🏽‍💻 e\u0301']) {
      const { explanation } = await ComputedExplanation.create('a', text, 0, model);
      await explanation.generate(3, NEVER, () => undefined);
      for (const { kind } of model.report.kinds)
        for (const column of Object.values((await rolesOn(model, explanation, kind)).scores))
          expect(column.every((score) => score === null || Number.isFinite(score))).toBe(true);
      explanation.dispose();
    }
  });
});
