/**
 * Beam search against `transformers`' own over the same files (test/parity/beams.py): all texts that it ends with, and their scores; on
 * small random models with each setting, and on 50 sentences of the bundled model. Then what the engine makes of it: the text on show.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { decodingDefaults } from '../../src/engine/model/decodingDefaults';
import type { LoadedModel } from '../../src/engine/model/loadedModel';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { searchSettings } from '../../src/engine/text/searchSettings';
import type { DecodingSettings } from '../../src/protocol/decodingSettings';
import type { BeamReport, GenerateResult } from '../../src/protocol/engine';
import { generate, generatedIn, type Generating } from '../../src/session/runs/generating';
import { UNGUIDED } from '../../src/session/subject/subject';
import { KeyValueCache } from '../../src/transformer/cache';
import { BeamRun } from '../../src/transformer/decoding/beamRun';
import { Generation } from '../../src/transformer/generation';
import { logProbabilityOf } from '../../src/transformer/probabilities';
import { readModelSpec } from '../../src/transformer/spec';
import { gatedGraphs } from '../support/gatedGraphs';
import { bundledModel } from '../webview/realRun';
import { NEVER, useExplainedFixtures } from './explainedFixture';
import { BUNDLED, FIXTURES, loadFolder, readFolder, type TestModel } from './reference';

interface Beam {
  readonly tokens: readonly number[];
  readonly score: number;
}
interface SmallCase {
  readonly model: string;
  readonly ids: readonly number[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly beams: readonly Beam[];
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8'));
const small = read('beams.json') as readonly SmallCase[];
const [{ decoder: decoderHash }, ...bundled] = read('bundledBeams.json') as readonly [
  { readonly decoder: string },
  ...(readonly { readonly text: string; readonly beams: readonly Beam[] }[]),
];

/** The ids of a text of the tree. */
function idsOf({ tokens }: BeamReport, last: number): readonly number[] {
  const ids: number[] = [];
  for (let at = tokens[last]; at; at = tokens[at.parent]) ids.unshift(at.id);
  return ids;
}

const SILENT = (): void => undefined;
const NO_RECEIVER = { append: SILENT, takeKeys: SILENT, truncate: SILENT };

/** All texts that a search ends with. */
function endedOf({ search }: BeamRun): readonly Beam[] {
  return search.ended.map(({ node, score }) => ({ tokens: search.path(node), score }));
}

function expectSame(found: readonly Beam[], wanted: readonly Beam[], within: number): void {
  expect(found.map(({ tokens }) => tokens)).toEqual(wanted.map(({ tokens }) => tokens));
  found.forEach(({ score }, at) => expect(Math.abs(score - (wanted[at]?.score ?? NaN))).toBeLessThan(within));
}

describe.each([...new Set(small.map(({ model }) => model))])('%s', (name) => {
  let model: TestModel;
  beforeAll(async () => {
    model = await loadFolder(join(FIXTURES, name));
  });
  afterAll(() => model.dispose());
  const config: unknown = JSON.parse(readFileSync(join(FIXTURES, name, 'config.json'), 'utf8'));

  test.each(small.filter((one) => one.model === name).map((one) => ({ ...one, name: JSON.stringify(one.settings) })))(
    '$name',
    async ({ ids, settings, beams }) => {
      const { encoder, decoder, family } = model;
      if (!decoder) throw new Error('no decoder');
      const spec = readModelSpec(config, settings, family);
      const choosing = searchSettings(decodingDefaults(config, settings, spec.maxNewTokens));
      if (!choosing) throw new Error('no beams');
      const pass = encoder && (await encoder.run(ids));
      const states = pass && { states: pass.output, length: pass.positions };
      const given = encoder ? [spec.decoderStart] : ids;
      const limit = given.length + spec.maxNewTokens;
      const generation = new Generation({ spec, decoder, encoder: states, given, limit, receiver: NO_RECEIVER });
      const start = await generation.searchStart(choosing);
      if (!start) throw new Error('no start');
      const run = new BeamRun({ spec, decoder, encoder: states, start, choosing });
      for await (const _ of run.run(Infinity));
      expectSame(endedOf(run), beams, 1e-4);
      run.dispose();
      generation.dispose();
    },
  );
});

const explained = useExplainedFixtures();

test.each(['genai-llama-fp32-cpu', 'eager-marian-pair', 'eager-gpt2-nocache'])(
  '%s: what a search adds up with a cache for each beam is what one pass over the text gives',
  async (name) => {
    const explanation = await explained(name);
    const { encoder, decoder, report } = explanation.model;
    const decoding = { ...report.decoding, numBeams: 3, maxNewTokens: 6, earlyStopping: 'never' as const };
    const { beams } = await explanation.generate(6, NEVER, SILENT, decoding);
    const { source, target: all } = explanation.sequences;
    const given = all.slice(0, explanation.outputText.given);
    const read = encoder && (await encoder.run(source));
    const states = read && { states: read.output, length: read.positions };
    expect(beams?.ended).toHaveLength(3);
    for (const { token } of beams?.ended ?? []) {
      const { target, steps } = await explanation.openBeam(token, NEVER, SILENT);
      const ids = target.slice(given.length).map(({ id }) => id);
      const pass = await decoder?.feed([...given, ...ids].slice(0, -1), new KeyValueCache(), states, ids.length);
      if (!pass) throw new Error('no decoder');
      const { logits, vocabulary } = pass;
      ids.forEach((id, at) => {
        const row = logits.subarray(at * vocabulary, (at + 1) * vocabulary);
        expect(Math.log(steps[at]?.chosen.probability ?? NaN)).toBeCloseTo(logProbabilityOf(row, id), 3);
      });
    }
    explanation.dispose();
  },
);

describe('the bundled model', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await bundledModel();
  });
  const four = (): DecodingSettings => ({ ...model.report.decoding, numBeams: 4 });
  const anew = async (text: string): Promise<ComputedExplanation> =>
    (await ComputedExplanation.create('e', text, 0, model)).explanation;

  test('finds what transformers finds in 50 sentences', async () => {
    expect(bundled).toHaveLength(50);
    const own = createHash('sha256')
      .update(readFileSync(join(BUNDLED, 'onnx/decoder_model_merged.onnx')))
      .digest('hex');
    expect(own, 'The references are of another model: run `python beams.py` in test/parity.').toBe(decoderHash);
    const others: string[] = [];
    for (const { text, beams } of bundled) {
      const explanation = await anew(text);
      const stop = new AbortController();
      // The tree is enough: the text that it would show is not fed again.
      const { beams: report } = await explanation.generate(511, stop.signal, SILENT, four(), ({ isDone }) => {
        if (isDone) stop.abort();
      });
      const [best] = beams;
      const [found] = report?.ended ?? [];
      if (!report || !found || idsOf(report, found.token).join() !== best?.tokens.join()) others.push(text);
      expect(found?.score).toBeCloseTo(best?.score ?? NaN, 3);
      explanation.dispose();
    }
    expect(others).toEqual([]);
  });

  test('the text on show is the best one, with its steps, weights and both distributions; any other can be opened', async () => {
    const explanation = await anew('The cat sat on the mat because it was tired.');
    const told: BeamReport[] = [];
    const found = await explanation.generate(511, NEVER, SILENT, four(), (report) => told.push(report));
    const beams = found.beams as BeamReport; // a search has one
    expect(beams.isDone).toBe(true);
    expect(beams.opened).toBe(beams.ended[0]?.token);
    // It was told as it grew, and what was told once stays.
    expect(told.map(({ depth }) => depth)).toEqual(Array.from({ length: beams.depth }, (_, at) => at + 1));
    expect(told.every(({ tokens }) => tokens.every((token, at) => token === beams.tokens[at]))).toBe(true);

    const pathOf = (token: number): readonly BeamReport['tokens'][number][] => {
      const path = [];
      for (let at = beams.tokens[token]; at; at = beams.tokens[at.parent]) path.unshift(at);
      return path;
    };
    const expectShown = ({ steps, target }: GenerateResult, token: number): void => {
      const path = pathOf(token);
      expect(target.slice(1).map(({ id }) => id)).toEqual(path.map(({ id }) => id));
      expect(steps.every(({ origin }) => origin === 'beam')).toBe(true);
      // What the search added up is what each step says, to the last bit: no rule changes it here.
      steps.forEach(({ chosen }, at) => {
        expect(Math.log(chosen.probability)).toBeCloseTo(path[at]?.logProbability ?? NaN, 5);
        expect(chosen.after).toBeCloseTo(chosen.probability, 6);
      });
      expect(path.at(-1)?.sum).toBeCloseTo(
        steps.reduce((sum, { chosen }) => sum + Math.log(chosen.probability), 0),
        4,
      );
    };
    expectShown(found, beams.opened);
    const other = beams.ended[1]?.token ?? -1;
    const opened = await explanation.openBeam(other, NEVER, SILENT);
    expectShown(opened, other);
    expect(opened).toMatchObject({ end: 'end-of-sequence', beams: { opened: other } });
    // Its weights are those of the same text read at once.
    const rows = explanation.store.rows('cross');
    const row = explanation.store
      .tokenWeights('target', [rows - 1])
      .find(({ kind, role }) => kind === 'cross' && role === 'query');
    const fresh = await anew('The cat sat on the mat because it was tired.');
    const steps = opened.steps.map(({ chosen }) => chosen.id);
    for (const [at, id] of steps.slice(0, -1).entries()) {
      await fresh.generate(1, NEVER, SILENT);
      await fresh.branch({ explanation: 'e', step: at, token: id });
    }
    await fresh.generate(1, NEVER, SILENT);
    const again = fresh.store
      .tokenWeights('target', [rows - 1])
      .find(({ kind, role }) => kind === 'cross' && role === 'query');
    expect(row?.data.length).toBeGreaterThan(0);
    row?.data.forEach((weight, at) => expect(Math.abs(weight - (again?.data[at] ?? NaN))).toBeLessThan(1e-5));

    // A text that was given up is one too, and ends where the search left it.
    const isParent = new Set(beams.tokens.map(({ parent }) => parent));
    const left = beams.tokens.findIndex(
      (_, at) => !isParent.has(at) && !beams.running.includes(at) && !beams.ended.some(({ token }) => token === at),
    );
    expectShown(await explanation.openBeam(left, NEVER, SILENT), left);
    expect((await explanation.openBeam(left, NEVER, SILENT)).end).toBe('beam');
    await expect(explanation.openBeam(beams.tokens.length, NEVER, SILENT)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    // What is written otherwise is of no search.
    expect((await explanation.branch({ explanation: 'e', step: 0, token: -1 })).beams).toBeNull();
    await expect(explanation.openBeam(0, NEVER, SILENT)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    explanation.dispose();
    fresh.dispose();
  });

  test('a search that is stopped keeps what it found, and goes on to the same end', async () => {
    const text = 'The old man opened the door and looked at the sea.';
    const whole = await anew(text);
    const wanted = await whole.generate(511, NEVER, SILENT, four());
    const explanation = await anew(text);
    const stop = new AbortController();
    const stopped = await explanation.generate(511, stop.signal, SILENT, four(), ({ depth }) => {
      if (depth === 3) stop.abort();
    });
    expect(stopped).toMatchObject({ end: 'stopped', steps: [], beams: { depth: 3, isDone: false, opened: -1 } });
    const some = await explanation.generate(2, NEVER, SILENT, four());
    expect(some).toMatchObject({ end: 'steps', beams: { depth: 5, isDone: false } });
    expect(some.steps).toHaveLength(5);
    const all = await explanation.generate(511, NEVER, SILENT, four());
    expect(all.beams).toEqual(wanted.beams);
    expect(all.target).toEqual(wanted.target);
    explanation.dispose();
    whole.dispose();
  });

  test('what is written with heads off, or without a part of the input, is searched for too', async () => {
    const explanation = await anew('The door was open.');
    const { target } = await explanation.generate(511, NEVER, SILENT, four());
    const graphs = await gatedGraphs(model, readFolder(BUNDLED));
    const { written } = await headsOff(explanation, graphs, { off: [], decoding: four() }, NEVER);
    expect(written.map(({ id }) => id)).toEqual(target.slice(1).map(({ id }) => id));
    explanation.dispose();
  });

  test('first token, tokens that never come and the most tokens, with one beam and with several', async () => {
    const explanation = await anew('The cat sat on the mat.');
    const plain = await explanation.generate(511, NEVER, SILENT);
    const [first, second] = plain.target.slice(1).map(({ id }) => id);
    for (const numBeams of [1, 3]) {
      const decoding = {
        ...four(),
        numBeams,
        forcedFirst: 700,
        suppressed: [first ?? 0, second ?? 0],
        maxNewTokens: 5,
      };
      await explanation.branch({ explanation: 'e', step: 0, token: -1, decoding });
      const { steps, end } = await explanation.generate(511, NEVER, SILENT, decoding);
      expect(end).toBe(numBeams > 1 ? 'beam' : 'limit');
      expect(steps).toHaveLength(5);
      expect(steps[0]?.chosen).toMatchObject({ id: 700, after: 1 });
      expect(steps.slice(1).some(({ chosen }) => chosen.id === first || chosen.id === second)).toBe(false);
      const shown = steps.flatMap(({ top }) => top).filter(({ id }) => id === first || id === second);
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.every(({ after, probability }) => after === 0 && probability > 0)).toBe(true);
      // One text goes on where it is asked for, as many tokens again.
      if (numBeams === 1)
        expect((await explanation.generate(511, NEVER, SILENT, decoding)).steps.length).toBeGreaterThan(5);
      // A text that is forced begins as the settings say.
      expect((await explanation.force('Le chat', decoding)).steps[0]?.chosen.id).toBe(700);
    }
    // What the model cannot have is refused before anything is dropped.
    const before = explanation.tokens.target;
    const decoding = { ...four(), forcedFirst: 12_000 };
    await expect(explanation.branch({ explanation: 'e', step: 0, token: -1, decoding })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(explanation.tokens.target).toEqual(before);
    explanation.dispose();
  });

  test('comes back after a reload: the beam that was open, and a search that began at a branch', async () => {
    const text = 'The children played in the garden.';
    const decoding = four();
    const show = async (explanation: ComputedExplanation): Promise<Generating & { last: () => GenerateResult }> => {
      let guidance = { ...UNGUIDED, decoding } as Generating['guidance'];
      let result = await explanation.branch({ explanation: 'e', step: 0, token: -1 });
      return {
        explanation: 'e',
        api: {
          generate: ({ maxSteps, decoding: by }: { maxSteps: number; decoding?: DecodingSettings }) =>
            explanation.generate(maxSteps, NEVER, SILENT, by),
          branch: (request: Parameters<ComputedExplanation['branch']>[0]) => explanation.branch(request),
          openBeam: ({ token }: { token: number }) => explanation.openBeam(token, NEVER, SILENT),
        } as unknown as Generating['api'],
        get steps() {
          return result.steps.length;
        },
        get beams() {
          return result.beams;
        },
        get guidance() {
          return guidance;
        },
        take: (next) => (result = next),
        guide: (by) => (guidance = { ...guidance, ...by }),
        last: () => result,
      };
    };
    const first = await show(await anew(text));
    await generate.on(first, 511, NEVER);
    const second = first.beams?.ended[1]?.token ?? -1;
    await generate.open(first, second, NEVER);
    const alternative = first.last().steps[2]?.top[2]?.id ?? -1;
    await generate.branch(first, { step: 2, token: alternative }, NEVER);
    await generate.on(first, 511, NEVER);
    await generate.open(first, first.beams?.ended[2]?.token ?? -1, NEVER);
    expect(first.last().steps[2]).toMatchObject({ origin: 'branch', chosen: { id: alternative } });

    const plan = generatedIn(first.guidance, first.last());
    const later = await show(await anew(text));
    await generate.again(later, JSON.parse(JSON.stringify(plan)) as typeof plan, NEVER);
    expect(later.last().target).toEqual(first.last().target);
    expect(later.beams).toEqual(first.beams);
    expect(later.guidance).toEqual(first.guidance);
    // A branch before the search's beginning takes the place of the one that it began at.
    const place = first.guidance.branches[0]?.beam;
    await generate.branch(first, { step: 1, token: alternative }, NEVER);
    expect(first.guidance.branches).toEqual([{ step: 1, token: alternative, beam: place }]);
  });
});
