/** A loaded model: tapped, in sessions, tested, ready to explain. */
import type { KindInfo, ModelFamily } from '../attention/types';
import { ATTENTION_KINDS } from '../attention/types';
import { ExplainError } from '../errors';
import type { LoadRequest, ModelReport, ProviderReport } from '../protocol/engine';
import { createTokenizer, type TextTokenizer } from '../tokenizer/index';
import type { LayerWeights } from '../transformer/capture';
import type { Decoder } from '../transformer/decoder';
import type { Encoder } from '../transformer/encoder';
import { asInteger, asObject } from '../transformer/json';
import type { Session } from '../transformer/session';
import type { ModelSpec } from '../transformer/spec';
import { alignmentHeads } from './alignmentHeads';
import { assemble } from './assemble';
import { loadGraph, type LoadedGraph } from './loadedGraph';
import { findGraphs, findSide, readJson, weightBytes } from './modelFiles';
import { sampleOf, testModel } from './trial';

/** Weights of one pass are held whole; texts are cut so that they stay below this many bytes. */
const MAX_WEIGHT_BYTES = 700e6;
/** Where neither the config nor the tokenizer knows a bound. */
const DEFAULT_TOKENS = 1024;
const DEFAULT_NEW_TOKENS = 256;

export interface LoadedModel {
  readonly report: ModelReport;
  readonly version: string;
  /** Size of its graphs and their external data. */
  readonly bytes: number;
  readonly spec: ModelSpec;
  readonly tokenizer: TextTokenizer;
  readonly encoder: Encoder | undefined;
  readonly decoder: Decoder | undefined;
  /** Most tokens of the source, or of a decoder-only model's prompt, specials counted in. */
  readonly promptLimit: number;
  /** Most tokens of the target. */
  readonly targetLimit: number;
  readonly disposed: boolean;
  dispose(): Promise<void>;
}

export type OnProgress = (phase: string, fraction: number) => void;

function kindsOf(
  weights: readonly LayerWeights[],
  graphs: readonly LoadedGraph[],
  family: ModelFamily,
): readonly KindInfo[] {
  const taps = graphs.flatMap((graph) => graph.taps);
  return ATTENTION_KINDS.flatMap((kind): KindInfo[] => {
    const own = weights.filter((layer) => layer.kind === kind);
    const [first] = own;
    if (!first) return [];
    const odd = own.find((layer) => layer.heads !== first.heads);
    if (odd)
      throw new ExplainError(
        'LAYOUT_UNSUPPORTED',
        `The model’s layers have different numbers of heads (${first.heads} and ${odd.heads}), which cannot be shown side by side.`,
      );
    const kvHeads = taps.find((tap) => tap.kind === kind)?.kvHeads ?? 0;
    return [
      {
        kind,
        layers: own.length,
        heads: first.heads,
        kvHeads: kvHeads > 0 ? kvHeads : first.heads,
        queries: kind === 'encoder' ? 'source' : 'target',
        keys: kind === 'decoder' || family === 'decoder-only' ? 'target' : 'source',
      },
    ];
  });
}

/** The bound of positions that is known, and what weights of a whole pass may take. */
function tokenLimit(spec: ModelSpec, tokenizerConfig: unknown, kinds: readonly KindInfo[], notes: string[]): number {
  const stated = asInteger(asObject(tokenizerConfig)?.['model_max_length'], 2) ?? Infinity;
  const known = Math.min(spec.positions > 0 ? spec.positions : Infinity, stated < 1e7 ? stated : Infinity);
  const maps = Math.max(...kinds.map((info) => info.layers * info.heads), 1);
  const held = Math.floor(Math.sqrt(MAX_WEIGHT_BYTES / (4 * maps)));
  const limit = Math.min(Number.isFinite(known) ? known : DEFAULT_TOKENS, held);
  if (held < known && Number.isFinite(known))
    notes.push(
      `Texts are cut at ${held} of the model’s ${known} tokens, so that the weights of ${maps} heads stay below ${MAX_WEIGHT_BYTES / 1e6} MB.`,
    );
  return limit;
}

function describeGraph(graph: LoadedGraph, provider: ProviderReport['provider']): string {
  const { file, plan: tap, provider: own } = graph;
  return `${file.path}: ${tap.outputs.length} attention outputs tapped with ${tap.addedBytes} bytes${tap.outputs.some((output) => output.source === 'side-graph') ? ' (recomputed beside fused attention)' : ''}, ${tap.rejected.length} candidates rejected${own === provider ? '' : '; int8 runs on WASM, as its results on WebGPU are wrong'}.`;
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
  progress('Reading the model', -1);
  const config = readJson(files, 'config.json', true);
  const generation = readJson(files, 'generation_config.json', false);
  const tokenizerConfig = readJson(files, 'tokenizer_config.json', false);
  const graphFiles = findGraphs(files);
  const tokenizer = createTokenizer({
    tokenizer: findSide(files, 'tokenizer.json') ?? null,
    config: findSide(files, 'tokenizer_config.json') ?? null,
    chatTemplate: findSide(files, 'chat_template.jinja') ?? null,
  });
  // Sessions alone are kept: the graphs hold the files' bytes, which the runtime has copied.
  const sessions: Session[] = [];
  let disposed = false;
  const dispose = async (): Promise<void> => {
    if (disposed) return;
    disposed = true;
    for (const session of sessions) await session.dispose();
  };
  try {
    const graphs: LoadedGraph[] = [];
    for (const [index, file] of graphFiles.entries()) {
      signal.throwIfAborted();
      progress('Loading the model', index / graphFiles.length);
      const graph = await loadGraph(file, files, config, provider);
      graphs.push(graph);
      sessions.push(graph.session);
    }
    signal.throwIfAborted();
    const sample = sampleOf(tokenizer);
    const parts = await assemble(graphs, config, generation, sample);
    const { family, spec, encoder, decoder } = parts;

    progress('Testing the model', -1);
    const notes = graphs.map((graph) => describeGraph(graph, provider.provider));
    const trial = await testModel(parts, sample);
    notes.push(...trial.notes);
    const kinds = kindsOf(trial.weights, parts.graphs, family);
    if (kinds.length === 0)
      throw new ExplainError('NO_ATTENTION_FOUND', 'The model gave no attention; choose another export of it.');
    const maxTokens = tokenLimit(spec, tokenizerConfig, kinds, notes);
    const wanted = spec.maxNewTokens > 0 ? spec.maxNewTokens : DEFAULT_NEW_TOKENS;
    const maxNewTokens =
      family === 'encoder-only'
        ? 0
        : family === 'encoder-decoder'
          ? Math.min(wanted, maxTokens - 1)
          : Math.min(wanted, Math.max(1, Math.floor(maxTokens / 2)));
    return {
      report: {
        modelId: request.modelId,
        name: request.name,
        family,
        kinds,
        maxTokens,
        maxNewTokens,
        vocabularySize: spec.vocabularySize > 0 ? spec.vocabularySize : tokenizer.vocabularySize,
        headDimension: spec.headDimension,
        alignmentHeads: alignmentHeads(generation, kinds),
        fillsMasks: trial.fillsMasks && tokenizer.maskToken !== null,
        chatTemplate: family === 'decoder-only' && tokenizer.chatTemplate !== null,
        notes,
      },
      version: request.version,
      bytes: weightBytes(files),
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
