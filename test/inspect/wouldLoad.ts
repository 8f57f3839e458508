/** Whether a model would load: the engine's own checks, without a session, or with one where it is to be run. */
import { assemble } from '../../src/engine/model/assemble';
import { scanGraph, type LoadedGraph, type ScannedGraph } from '../../src/engine/model/loadedGraph';
import { loadModel } from '../../src/engine/model/loadedModel';
import { findSide } from '../../src/engine/files/modelFiles';
import { namedIds, readModelSettings, readTokenizer } from '../../src/engine/files/modelSettings';
import { findTextGraphs } from '../support/findTextGraphs';
import { sampleOf } from '../../src/engine/trial/trial';
import { toExplainError, type ExplainError } from '../../src/errors';
import type { ModelFiles } from '../../src/protocol/engine';
import type { TensorSession } from '../../src/transformer/tensorSession';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from '../parity/nodeRuntime';

export interface Verdict {
  /** What stands against it; null where it would load. */
  readonly refusal: ExplainError | null;
  /** What stands against it as well, where it lacks its tokenizer; null where that is all. */
  readonly also: ExplainError | null;
  /** One line each: what was checked, and what the model's notes say where it was run. */
  readonly lines: readonly string[];
}

/** Nothing can be run: whatever was to be known before a run is known by now. */
class DryRun extends Error {}

function drySession({ inputs, declared, taps }: ScannedGraph): TensorSession {
  const run = (): never => {
    throw new DryRun();
  };
  const outputs = [...declared, ...taps].map(({ name }) => name);
  const dispose = (): Promise<void> => Promise.resolve();
  return { inputs, outputNames: [...new Set(outputs)], tensor: run, run: () => Promise.reject(new DryRun()), dispose };
}

/** The refusal of a model that has no tokenizer at all. */
function withoutTokenizer(files: ModelFiles): ExplainError | undefined {
  if (findSide(files, 'tokenizer.json')) return undefined;
  try {
    readTokenizer(files);
    return undefined;
  } catch (thrown) {
    return toExplainError(thrown);
  }
}

/**
 * @param files of one variant, by their path in the model's folder
 * @param run load it in onnxruntime's WebAssembly and let it pass the self-test, as the engine does
 */
export async function wouldLoad(files: ModelFiles, run: boolean): Promise<Verdict> {
  const lines: string[] = [];
  try {
    const settings = readModelSettings(files);
    lines.push(settings.config === undefined ? 'config.json: none' : 'config.json: read');
    const graphs = findTextGraphs(files, settings.config);
    lines.push(`file set: ${graphs.map(({ role, path }) => `${path} (${role})`).join(', ')}`);
    const missing = withoutTokenizer(files);
    if (missing) {
      // The rest is worth knowing: it is looked at with a tokenizer of the tests in the place of the one that is not there.
      lines.push('tokenizer: none; the rest is looked at without it');
      const rest = await wouldLoad({ ...files, 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) }, run);
      lines.push(...rest.lines.filter((line) => /^(?:self-test|note): /.test(line)));
      return { refusal: missing, also: rest.refusal, lines };
    }
    const tokenizer = readTokenizer(files);
    lines.push(`tokenizer: ${tokenizer.vocabularySize} tokens`);
    if (run) lines.push(...(await loaded(files)));
    else {
      const dry = graphs.map((file): LoadedGraph => {
        const scanned = scanGraph(file, files, settings.config);
        return { ...scanned, session: drySession(scanned), provider: 'wasm' };
      });
      await assemble(
        dry,
        settings.config,
        settings.generation,
        sampleOf(tokenizer),
        namedIds(tokenizer, settings),
      ).catch((thrown: unknown) => {
        if (!(thrown instanceof DryRun)) throw thrown;
      });
      lines.push('self-test: not run (--run does)');
    }
    return { refusal: null, also: null, lines };
  } catch (thrown) {
    return { refusal: toExplainError(thrown), also: null, lines };
  }
}

async function loaded(files: ModelFiles): Promise<readonly string[]> {
  useNodeRuntime();
  const model = await loadModel(
    { modelId: 'inspected', version: '', name: 'inspected', files },
    { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' },
    () => undefined,
    new AbortController().signal,
  );
  const { family, kinds, notes } = model.report;
  await model.dispose();
  const heads = kinds.map(({ kind, layers, heads: each }) => `${kind} ${layers} × ${each}`).join(', ');
  return [`self-test: passed (${family}; ${heads})`, ...notes.map((note) => `note: ${note}`)];
}
