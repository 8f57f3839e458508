/** A real run of the bundled model: the engine's own parts on onnxruntime-web in Node, no recording. */
import { GATED } from '../../src/engine/ablation/gatedRuns';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { inputWithout } from '../../src/engine/ablation/inputWithout';
import { rankPieces } from '../../src/engine/ablation/rankPieces';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { ATTRIBUTED, textAttribution } from '../../src/engine/attribution/textAttribution';
import { LENS, textLens } from '../../src/engine/lens/textLens';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import type { DecodingSettings } from '../../src/protocol/decodingSettings';
import type { GenerateResult, ProviderReport } from '../../src/protocol/engine';
import { bundledFiles } from '../support/bundledFiles';
import { gatedGraphs, probedGraphs } from '../support/gatedGraphs';
import { lessonOf } from '../support/lessonOf';
import { makeMeasureOf } from '../support/makeMeasure';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { EMPTY_SNAPSHOT, TestHost } from './host';

export const PROVIDER: ProviderReport = {
  provider: 'wasm',
  build: 'cpu',
  threads: 1,
  adapter: '',
  reason: 'WebGPU is there, but it offers no graphics adapter.',
};

let loading: Promise<LoadedModel> | undefined;

export function bundledModel(): Promise<LoadedModel> {
  useNodeRuntime();
  loading ??= loadModel(
    { modelId: 'bundled:en-fr', version: '', name: 'English to French (bundled)', files: bundledFiles() },
    PROVIDER,
    () => undefined,
    new AbortController().signal,
  );
  return loading;
}

export const SAMPLE =
  'The cat sat on the mat because it was tired, and the dog that had chased it all morning slept beside the fire.';

/** Explains `text` and generates `steps` tokens; the host's driver goes on with the same generation. */
export async function realRun(text: string = SAMPLE, steps = 64): Promise<TestHost> {
  const model = await bundledModel();
  const { explanation, encoded } = await ComputedExplanation.create('one', text, 0, model);
  const first = await explanation.generate(steps, new AbortController().signal, () => undefined);
  const of = (result: GenerateResult) => ({
    target: result.target,
    steps: result.steps,
    beams: result.beams,
    end: result.end,
    status: result.end === 'end-of-sequence' || result.end === 'beam' ? ('done' as const) : ('paused' as const),
  });
  const host = new TestHost(
    {
      ...EMPTY_SNAPSHOT,
      model: model.report,
      provider: PROVIDER,
      window: encoded.window,
      source: encoded.source,
      ...of(first),
      timings: { load: 412, encode: encoded.milliseconds, generate: 96 },
    },
    explanation.store,
  );
  host.maker = {
    make: (measure) => makeMeasureOf(explanation, measure, bundledFiles()),
    held: (measure, of) => explanation.measured(measure, of),
  };
  let turn: Promise<unknown> = Promise.resolve();
  // One after another, as the engine does it.
  host.teacher = ({ play, explanation: _id, of: _of, ...place }) => {
    const answer = turn.then(() => lessonOf(explanation, place, bundledFiles(), play));
    turn = answer.catch(() => undefined);
    return answer;
  };
  host.switcher = {
    headsOff: async ({ off, cut = [], decoding: settings }, signal) => {
      const set = { ...GATED, knockouts: cut.length > 0 };
      const graphs = await probedGraphs(explanation.model, bundledFiles(), set);
      return headsOff(explanation, graphs, { off, cut, decoding: settings }, signal);
    },
    headCosts: async (wanted, toldOf, signal) =>
      headCosts(explanation, await gatedGraphs(explanation.model, bundledFiles()), wanted, toldOf, signal),
    leaveOut: async (wanted, toldOf, signal) =>
      rankPieces(explanation, await gatedGraphs(explanation.model, bundledFiles()), wanted, toldOf, signal),
    inputWithout: async (wanted, signal) =>
      inputWithout(explanation, await gatedGraphs(explanation.model, bundledFiles()), wanted, signal),
  };
  host.lensing = async (wanted, signal) =>
    textLens(explanation, await probedGraphs(explanation.model, bundledFiles(), LENS), wanted, signal);
  host.attributing = async (wanted, signal) => {
    const graphs = await probedGraphs(explanation.model, bundledFiles(), ATTRIBUTED);
    return textAttribution(explanation, graphs, explanation.weights(wanted.of), wanted, signal);
  };
  let decoding: DecodingSettings | undefined;
  const show = (result: GenerateResult): void => host.update(of(result));
  host.driver = {
    async generation(action) {
      if (action === 'stop') return;
      if (action === 'restart') show(await explanation.branch({ explanation: 'one', step: 0, token: -1 }));
      const count = action === 'step' ? 1 : steps;
      show(await explanation.generate(count, new AbortController().signal, () => undefined, decoding));
    },
    async branch(step, token) {
      show(await explanation.branch({ explanation: 'one', step, token }));
      show(await explanation.generate(steps, new AbortController().signal, () => undefined, decoding));
    },
    async decoding(settings) {
      decoding = settings ?? undefined;
      show(await explanation.branch({ explanation: 'one', step: 0, token: -1 }));
      show(await explanation.generate(steps, new AbortController().signal, () => undefined, decoding));
      host.update({ decoding: settings });
    },
    async openBeam(token) {
      show(await explanation.openBeam(token, new AbortController().signal, () => undefined));
    },
    async force(text) {
      show(await explanation.force(text));
    },
  };
  return host;
}
