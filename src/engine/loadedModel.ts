/** A loaded model: tapped, in sessions, tested, ready to explain. */
import type { KindInfo } from '../attention/types';
import { ExplainError } from '../errors';
import { statedLength } from '../config/generationConfig';
import type { LoadRequest, ModelReport, ProviderReport } from '../protocol/engine';
import { say } from '../text/say';
import type { TextTokenizer } from '../tokenizer/index';
import type { Decoder } from '../transformer/decoder';
import type { Encoder } from '../transformer/encoder';
import type { TensorSession } from '../transformer/tensorSession';
import type { ModelSpec } from '../transformer/spec';
import { alignmentHeads } from './alignmentHeads';
import { assemble } from './assemble';
import { fingerprintOf } from './fingerprint';
import { kindsInRun } from './kinds';
import { loadGraph, type LoadedGraph } from './loadedGraph';
import { weightBytes } from './modelFiles';
import { decodingDefaults } from './decodingDefaults';
import { graphNote, modelNotes } from './modelNotes';
import { ProbeSessions } from './probeSessions';
import { findTextGraphs, namedIds, readModelSettings, readTokenizer } from './modelSettings';
import { sampleOf, testModel } from './trial';

/** Weights of one pass are held whole; texts are cut so that they stay below this many bytes. */
const MAX_WEIGHT_BYTES = 700e6;
/** Where neither the config nor the tokenizer knows a bound. */
const DEFAULT_TOKENS = 1024;
const DEFAULT_NEW_TOKENS = 256;

export interface LoadedModel {
  readonly report: ModelReport;
  readonly version: string;
  /** Size of its graphs and their external data, as often as sessions hold them. */
  readonly bytes: number;
  readonly spec: ModelSpec;
  readonly tokenizer: TextTokenizer;
  readonly encoder: Encoder | undefined;
  readonly decoder: Decoder | undefined;
  /** Most tokens of the source, or of a decoder-only model's prompt, specials counted in. */
  readonly promptLimit: number;
  /** Most tokens of the target. */
  readonly targetLimit: number;
  /** Sessions with probes in them; none before something is asked for. */
  readonly probes: ProbeSessions;
  /** A few tokens to test sessions with. */
  readonly sample: readonly number[];
  readonly disposed: boolean;
  dispose(): Promise<void>;
}

export type OnProgress = (phase: string, fraction: number) => void;

/** The bound of positions that is known, and what weights of a whole pass may take. */
function tokenLimit(spec: ModelSpec, tokenizerConfig: unknown, kinds: readonly KindInfo[], notes: string[]): number {
  const known = Math.min(spec.positions > 0 ? spec.positions : Infinity, statedLength(tokenizerConfig));
  const maps = Math.max(...kinds.map((info) => info.layers * info.heads), 1);
  const held = Math.floor(Math.sqrt(MAX_WEIGHT_BYTES / (4 * maps)));
  const limit = Math.min(Number.isFinite(known) ? known : DEFAULT_TOKENS, held);
  if (held < known && Number.isFinite(known))
    notes.push(say('engine.noteCut', { held, known, maps, megabytes: MAX_WEIGHT_BYTES / 1e6 }));
  return limit;
}

/** Most tokens that one run generates. */
function newTokens(spec: ModelSpec, maxTokens: number): number {
  const wanted = spec.maxNewTokens > 0 ? spec.maxNewTokens : DEFAULT_NEW_TOKENS;
  switch (spec.family) {
    case 'encoder-only':
      return 0;
    case 'encoder-decoder':
      return Math.min(wanted, maxTokens - 1);
    case 'decoder-only':
      return Math.min(wanted, Math.max(1, Math.floor(maxTokens / 2)));
  }
}

/**
 * Scans, taps, loads and tests a model.
 * @throws ExplainError with the code of what failed; nothing stays loaded then
 */
export async function loadModel(
  request: LoadRequest,
  provider: ProviderReport,
  progress: OnProgress,
  signal: AbortSignal,
): Promise<LoadedModel> {
  const { files } = request;
  progress(say('engine.readingModel'), -1);
  const settings = readModelSettings(files);
  const { config, generation, tokenizerConfig } = settings;
  const graphFiles = findTextGraphs(files, config);
  const tokenizer = readTokenizer(files);
  // Sessions alone are kept: the graphs hold the files' bytes, which the runtime has copied.
  const sessions: TensorSession[] = [];
  let probes: ProbeSessions | undefined;
  let disposed = false;
  const dispose = async (): Promise<void> => {
    if (disposed) return;
    disposed = true;
    await probes?.dispose();
    for (const session of sessions) await session.dispose();
  };
  try {
    const graphs: LoadedGraph[] = [];
    for (const [index, file] of graphFiles.entries()) {
      signal.throwIfAborted();
      progress(say('engine.loadingModel'), index / graphFiles.length);
      const graph = await loadGraph(file, files, config, provider);
      graphs.push(graph);
      sessions.push(graph.session);
    }
    signal.throwIfAborted();
    // From here on the model runs, and what runs may be slow.
    progress(say('engine.testingModel'), -1);
    const sample = sampleOf(tokenizer);
    const parts = await assemble(graphs, config, generation, sample, namedIds(tokenizer, settings));
    const { family, spec, encoder, decoder } = parts;

    const notes = graphs.map((graph) => graphNote(graph, provider.provider));
    const trial = await testModel(parts, sample);
    notes.push(...trial.notes);
    const kinds = kindsInRun(
      trial.weights,
      parts.graphs.flatMap((graph) => graph.taps),
      family,
    );
    if (kinds.length === 0) throw new ExplainError('NO_ATTENTION_FOUND', say('engine.noAttention'));
    const maxTokens = tokenLimit(spec, tokenizerConfig, kinds, notes);
    const maxNewTokens = newTokens(spec, maxTokens);
    notes.push(...modelNotes(settings, parts, kinds));
    const bytes = weightBytes(files);
    const own = (probes = new ProbeSessions(spec, provider));
    return {
      report: {
        modelId: request.modelId,
        name: request.name,
        fingerprint: fingerprintOf(files),
        family,
        kinds,
        maxTokens,
        maxNewTokens,
        vocabularySize: spec.vocabularySize > 0 ? spec.vocabularySize : tokenizer.vocabularySize,
        headDimension: spec.headDimension,
        alignmentHeads: alignmentHeads(generation, kinds),
        fillsMasks: trial.fillsMasks && tokenizer.maskToken !== null,
        chatTemplate: family === 'decoder-only' && tokenizer.chatTemplate !== null,
        decoding: decodingDefaults(config, generation),
        notes,
      },
      version: request.version,
      get bytes() {
        return bytes + own.bytes;
      },
      probes: own,
      sample,
      spec,
      tokenizer,
      encoder,
      decoder,
      // A prompt leaves room to go on: at least a quarter of what the model takes, or all that it may generate.
      promptLimit:
        family === 'decoder-only'
          ? Math.max(1, maxTokens - Math.min(maxNewTokens, Math.floor(maxTokens / 4)))
          : maxTokens,
      targetLimit: maxTokens,
      get disposed() {
        return disposed;
      },
      dispose,
    };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}
