/**
 * A text that is read with heads off: its results against `transformers` with the same heads' outputs set to zero (test/parity/probes.py),
 * its attention against the gated graph's own softmax, and everything else that is asked of it against the plain model with the same heads off.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HeadRef } from '../../src/attention/types';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { gatesWithout } from '../../src/engine/ablation/gates';
import type { LoadedModel } from '../../src/engine/model/loadedModel';
import { ATTRIBUTED, textAttribution } from '../../src/engine/attribution/textAttribution';
import { LENS, textLens } from '../../src/engine/lens/textLens';
import { probeText, setOf } from '../../src/engine/probes/probedText';
import { TextSessions } from '../../src/engine/probes/textSessions';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { KeyValueCache } from '../../src/transformer/cache';
import { readFloats } from '../../src/transformer/tensors';
import { gatedGraphs, probedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';
import { readFixture } from './fixture';
import { numbers, type Packed } from './packed';
import { FIXTURES, largestDifference } from './reference';

const explained = useExplainedFixtures();
const WRITTEN = join(import.meta.dirname, '../fixtures/probes');

interface Off {
  readonly gates: Readonly<Record<HeadRef['kind'], readonly (readonly [number, number])[]>>;
  readonly logits: Packed;
}

const sessionsOf = (explanation: ComputedExplanation): TextSessions =>
  new TextSessions(
    () => explanation,
    () => Promise.resolve(),
  );

/** The fixture's plain explanation, and one of the same text with heads off. */
async function readWith(name: string, off: (model: LoadedModel) => readonly HeadRef[]) {
  const plain = await explained(name);
  const { model } = plain;
  const files = fixtureFiles(name);
  expect(await sessionsOf(plain).gated(model, undefined)).toBe(false);
  expect(await sessionsOf(plain).gated(model, files)).toBe(true);
  const intervention = { ranges: [], manner: 'removed', off: off(model) } as const;
  const reader = await model.gated.without(intervention.off);
  const { explanation: changed, encoded } = await ComputedExplanation.create(
    'b',
    'Hello there',
    0,
    model,
    { intervention },
    NEVER,
    undefined,
    reader,
  );
  expect(encoded.intervention).toEqual({ ...intervention, pieces: [] });
  if (model.decoder) for (const one of [plain, changed]) await one.generate(4, NEVER, () => undefined);
  return { plain, changed, model, files, off: intervention.off };
}

test.each(['eager-bert', 'eager-gpt2', 'sdpa-llama', 'sdpa-marian', 'sdpa-bart', 'eager-t5'])(
  '%s: what is read without heads is what transformers gives with their outputs zeroed',
  async (name) => {
    const { off } = JSON.parse(readFileSync(join(WRITTEN, `${name}.json`), 'utf8')) as { readonly off: Off };
    const heads = Object.entries(off.gates).flatMap(([kind, list]) =>
      list.map(([layer, head]): HeadRef => ({ kind: kind as HeadRef['kind'], layer, head })),
    );
    const { model } = await explained(name);
    await model.gated.make(model, fixtureFiles(name));
    const { reference } = readFixture(join(FIXTURES, name));
    if (!reference) throw new Error('No reference.');
    const wanted = numbers(off.logits);
    for (const { list, isSame } of [
      { list: heads, isSame: true },
      { list: [], isSame: false },
    ]) {
      const { encoder, decoder } = await model.gated.without(list);
      const pass = await encoder?.run(reference.input_ids);
      let logits: Float32Array = new Float32Array();
      if (decoder) {
        const ids = reference.decoder_input_ids ?? reference.input_ids;
        const states = pass && { states: pass.output, length: reference.input_ids.length };
        // All but the last token, then that one behind the cache: both of a merged decoder's branches.
        const cache = new KeyValueCache();
        await decoder.feed(ids.slice(0, -1), cache, states, 1);
        logits = decoder.cached
          ? (await decoder.feed(ids.slice(-1), cache, states, 1)).logits.slice()
          : (await decoder.feed(ids, new KeyValueCache(), states, 1)).logits.slice();
        cache.clear();
      } else if (pass) logits = await readFloats(pass.output);
      const distance = largestDifference(logits.slice(-wanted.length), wanted);
      if (isSame) expect(distance).toBeLessThanOrEqual(2e-5);
      else expect(distance).toBeGreaterThan(1e-3);
    }
  },
);

describe.each(['eager-bert', 'eager-gpt2', 'genai-llama-fp32-cpu', 'eager-marian-pair', 'sdpa-bart', 'eager-t5'])(
  '%s',
  (name) => {
    test('the first layer looks where it did, later ones as the gated graph’s softmax says; what else is asked is of the same run', async () => {
      const { plain, changed, model, files, off } = await readWith(name, ({ report }) =>
        report.kinds.map(({ kind }) => ({ kind, layer: 0, head: 1 })),
      );
      const { kinds } = model.report;
      const gates = gatesWithout(kinds, off);
      const graphs = await probedGraphs(model, files, { probes: ['weights'], gates: {} });
      const { tensors } = await probeText(model, graphs, changed.sequences, {
        explanation: 'b',
        probes: ['weights'],
        gates,
      });
      let compared = 0;
      let moved = 0;
      for (const { kind, queries } of kinds) {
        const length = changed.tokens[queries].length - (queries === 'target' ? 1 : 0);
        for (let index = 0; index < length; index++) {
          const rowsOf = (one: ComputedExplanation) =>
            one.store
              .tokenWeights(queries, [index])
              .find((weights) => weights.kind === kind && weights.role === 'query');
          const [own, before] = [rowsOf(changed), rowsOf(plain)];
          if (!own || !before) throw new Error('No weights.');
          for (let place = 0; place < own.layers * own.heads; place++) {
            const row = own.data.subarray(place * own.length, (place + 1) * own.length);
            const [layer, head] = [Math.floor(place / own.heads), place % own.heads];
            const stage = tensors.find((tensor) => tensor.kind === kind && tensor.layer === layer);
            if (stage) {
              const [, , rows = 0, keys = 0] = stage.dims;
              const from = (head * rows + index) * keys;
              const seen = stage.data.subarray(from, from + Math.min(keys, row.length));
              expect(largestDifference(row.subarray(0, seen.length), seen)).toBeLessThan(1e-5);
              compared++;
            }
            const apart =
              before.length === own.length
                ? largestDifference(row, before.data.subarray(place * own.length, (place + 1) * own.length))
                : 0;
            if (layer === 0 && kind !== 'cross' && index === 0) expect(apart).toBeLessThan(1e-6);
            if (layer > 0) moved = Math.max(moved, apart);
          }
        }
      }
      if (name !== 'genai-llama-fp32-cpu') expect(compared).toBeGreaterThan(10);
      expect(moved).toBeGreaterThan(1e-4);

      // Another head off as well: as both off in the plain model, on the same text.
      const other = kinds.map(({ kind, layers, heads }): HeadRef => ({ kind, layer: layers - 1, head: heads - 1 }));
      const sessions = sessionsOf(changed);
      const bound = await sessions.take(changed, { probes: [], gates: true, files }, NEVER);
      if (!bound) throw new Error('No sessions.');
      const both = await headsOff(changed, bound, { off: other }, NEVER);
      const { written: _written, ...alone } = await headsOff(
        changed,
        await gatedGraphs(model, files),
        { off: [...off, ...other] },
        NEVER,
      );
      expect(both.tokens.map(({ after }) => after)).toEqual(alone.tokens.map(({ after }) => after));
      // What it writes is what the plain model is told to write without them.
      if (model.decoder) {
        const { written } = await headsOff(plain, await gatedGraphs(model, files), { off }, NEVER);
        const { given } = plain.outputText;
        expect(changed.tokens.target.slice(given).map(({ id }) => id)).toEqual(written.map(({ id }) => id));
      }
      for (const one of [plain, changed]) one.dispose();
    });
  },
);

test.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'sdpa-llama'])(
  '%s: the lens ends in what the changed run predicts, and what its heads add sums, with the rest, to its logit',
  async (name) => {
    const { plain, changed, files, off } = await readWith(name, ({ report }) =>
      report.kinds.map(({ kind }) => ({ kind, layer: 0, head: 1 })),
    );
    const sessions = sessionsOf(changed);
    const graphs = async (wanted: Parameters<typeof setOf>[0]) =>
      (await sessions.take(changed, { ...setOf(wanted), files }, NEVER)) ?? [];
    const { steps } = await changed.generate(0, NEVER, () => undefined);
    const last = steps.at(-1);
    if (!last) throw new Error('Nothing was written.');
    const lens = await textLens(changed, await graphs(LENS), { from: last.index - 1, count: 1 }, NEVER);
    const [end] = lens.rows[0]?.cells.at(-1)?.top ?? [];
    expect(end?.id).toBe(last.top[0]?.id);
    expect(end?.probability).toBeCloseTo(last.top[0]?.probability ?? NaN, 5);
    const wanted = { index: last.index, token: last.chosen.id, other: null };
    const { kinds, rest, logit } = await textAttribution(
      changed,
      await graphs(ATTRIBUTED),
      changed.weights(undefined),
      wanted,
      NEVER,
    );
    expect(Math.abs(rest.rounding)).toBeLessThan(1e-3);
    expect(Number.isFinite(logit)).toBe(true);
    for (const { kind, layer, head } of off) {
      const found = kinds.find((one) => one.kind === kind);
      if (!found) continue;
      const from = (layer * found.heads + head) * found.keys;
      expect([...found.values.subarray(from, from + found.keys)].every((value) => value === 0)).toBe(true);
    }
    for (const one of [plain, changed]) one.dispose();
  },
);

test('all heads off: the text is read, and every number is one', async () => {
  const { plain, changed } = await readWith('sdpa-marian', ({ report }) =>
    report.kinds.flatMap(({ kind, layers, heads }) =>
      Array.from({ length: layers * heads }, (_, at) => ({ kind, layer: Math.floor(at / heads), head: at % heads })),
    ),
  );
  const [weights] = changed.store.tokenWeights('source', [1]);
  expect(weights?.data.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
  expect(changed.tokens.target.length).toBeGreaterThan(1);
  for (const one of [plain, changed]) one.dispose();
});

test('before its sessions are made nothing is read without heads', async () => {
  const plain = await explained('quantized-bert-deep');
  const { model } = plain;
  await expect(model.gated.without([{ kind: 'encoder', layer: 0, head: 0 }])).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  });
  plain.dispose();
});
