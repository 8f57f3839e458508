/** Measures that are made by a further pass, through the engine's own parts: of the text as it was generated, kept, and made anew when it has grown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from '../../src/attention/content';
import type { Atlas, AttentionKind, ProbedMeasure } from '../../src/attention/types';
import { Explanation } from '../../src/engine/explainedText';
import { loadModel, type LoadedModel } from '../../src/engine/loadedModel';
import { mapOf } from '../../src/engine/maps';
import { probesFor } from '../../src/engine/measures/makeMeasure';
import { checkProbes, probeText, setOf } from '../../src/engine/probedText';
import { measureOf } from '../../src/measure/measure';
import { fromByte } from '../../src/measure/bytes';
import type { MeasureReport, ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, largestDifference, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;
const TEXT = 'The cat sat on the mat because it was tired, and the dog slept beside the fire.';

function filesOf(name: string): ModelFiles {
  return { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
}

function bundled(): ModelFiles {
  const folder = join(import.meta.dirname, '../../models/en-fr');
  const names = [
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/encoder_model.onnx',
    'onnx/decoder_model_merged.onnx',
  ];
  return Object.fromEntries(names.map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]));
}

function load(name: string, files: ModelFiles): Promise<LoadedModel> {
  useNodeRuntime();
  return loadModel({ modelId: name, version: '', name, files }, PROVIDER, () => undefined, NEVER);
}

/** As the service does it. */
async function make(explanation: Explanation, measure: ProbedMeasure, files: ModelFiles): Promise<MeasureReport> {
  const { model, tokens, sequences } = explanation;
  const request = { explanation: explanation.id, probes: probesFor(measure), rows: [] };
  const set = setOf(request);
  const graphs =
    model.probes.take(set) ??
    (await model.probes.make(set, files, (made) => checkProbes(model, made, model.sample)));
  const pass = await probeText(model, graphs, sequences, request);
  return (await explanation.make(measure, tokens, pass, () => undefined)).report;
}

function atlasOf(explanation: Explanation, kind: AttentionKind, measure?: ProbedMeasure): Atlas {
  const numbers = measure === undefined ? explanation.store : explanation.measured(measure, undefined);
  const steps = numbers.atlasInSteps({ kind, maxCell: 8, hideSpecial: false });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the bundled model', () => {
  const files = bundled();
  let model: LoadedModel;
  let explanation: Explanation;
  beforeAll(async () => {
    model = await load('bundled', files);
    ({ explanation } = await Explanation.create('a', TEXT, 0, model));
    await explanation.generate(40, NEVER, () => undefined);
    for (const measure of ['moved', 'contribution'] as const) {
      const { kinds } = await make(explanation, measure, files);
      expect(kinds.map(({ kind, reason }) => [kind, reason])).toEqual([
        ['encoder', ''],
        ['decoder', ''],
        ['cross', ''],
      ]);
      expect(kinds.every(({ fit }) => fit?.plain === false)).toBe(true);
    }
  });
  afterAll(() => model.dispose());

  test('sinks lose their mass where what they move is counted, and what they contribute', () => {
    for (const kind of ['encoder', 'decoder', 'cross'] as const) {
      const [weight, moved, contribution] = [undefined, 'moved', 'contribution'].map((measure) =>
        mean(atlasOf(explanation, kind, measure as ProbedMeasure | undefined).sinkMass),
      );
      console.log(kind, weight, moved, contribution);
      const w = atlasOf(explanation, kind).sinkMass, m = atlasOf(explanation, kind, 'moved').sinkMass, c=atlasOf(explanation, kind, 'contribution').sinkMass;
      console.log([...w].map((x, i) => `${x.toFixed(2)}/${m[i]?.toFixed(2)}`).join(' '), [...c].map((x) => x.toFixed(2)).join(' '));
      const store = explanation.store, mm = explanation.measured('moved', undefined), cc = explanation.measured('contribution', undefined);
      const special = (at: number) => kind === 'decoder' ? at === 0 : at >= explanation.tokens.source.length - 1;
      for (const [name, st] of [['w', store], ['m', mm], ['c', cc]] as const) {
        const own = st.kind(kind);
        const out: string[] = [];
        for (let l = 0; l < own.layers; l++) { let tot = 0, n = 0;
          for (let h = 0; h < own.heads; h++) { const rows = own.headRows(l, h);
            for (let q = 0; q < own.queries; q++) { if (kind === 'encoder' && special(q)) continue; if (kind==='decoder' && q===0) continue; let s = 0, sp = 0;
              for (let k = 0; k < own.keys; k++) { const v = rows[q * own.keys + k] ?? 0; s += v; if (special(k)) sp += v; }
              tot += name === 'c' ? sp : sp / s; n++; } }
          out.push((tot / n).toFixed(3)); }
        console.log(kind, name, out.join(' '));
      }
    }
  });
});
