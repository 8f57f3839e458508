/** Puts a model together from its loaded files: which of them encodes, decodes, or does both. */
import type { ModelFamily } from '../../attention/types';
import { ExplainError } from '../../errors';
import { pastInputs } from '../../transformer/cache';
import type { TappedGraph } from '../../transformer/capture';
import { Decoder } from '../../transformer/decoder';
import { Encoder } from '../../transformer/encoder';
import { readModelSpec, type ModelSpec, type NamedIds } from '../../transformer/spec';
import { SINGLE_OUTPUTS, withDirection } from './direction';
import { everyRun } from '../runtime/everyRun';
import type { LoadedGraph } from './loadedGraph';
import type { GraphFile } from '../files/modelFiles';
import { say } from '../../text/say';

export interface ModelParts {
  readonly family: ModelFamily;
  readonly spec: ModelSpec;
  readonly graphs: readonly LoadedGraph[];
  readonly encoder: Encoder | undefined;
  readonly encoderGraph: LoadedGraph | undefined;
  readonly decoder: Decoder | undefined;
  readonly decoderGraph: LoadedGraph | undefined;
}

/** The family that the roles and the attention of the files show; undefined where they leave it open. */
function familyOf(graphs: readonly LoadedGraph[]): ModelFamily | undefined {
  const kinds = new Set(graphs.flatMap((graph) => graph.taps.map((tap) => tap.kind)));
  const encoder = graphs.some((graph) => graph.file.role === 'encoder');
  // An encoder's file alone is a model that only reads.
  if (encoder && graphs.length === 1) return 'encoder-only';
  if (encoder || (kinds.has('cross') && kinds.has('encoder'))) return 'encoder-decoder';
  return graphs.every((graph) => graph.file.role === 'model') ? undefined : 'decoder-only';
}

/** What the graphs know that the config may not say: the size of the vocabulary, and how many positions there are. */
function completed(spec: ModelSpec, graphs: readonly LoadedGraph[]): ModelSpec {
  const words = graphs.map((graph) => graph.words).find((count) => count > 0) ?? 0;
  let { positions } = spec;
  for (const { rows = 0, first = 0 } of graphs.flatMap((graph) => [...graph.meanings.values()])) {
    if (rows > first && (positions === 0 || rows - first < positions)) positions = rows - first;
  }
  return { ...spec, positions, vocabularySize: spec.vocabularySize > 0 ? spec.vocabularySize : words };
}

/** What one part of a file does of what the file can: the encoder's attention, or the decoder's. */
function half(graph: LoadedGraph, encoder: boolean): LoadedGraph {
  return { ...graph, taps: graph.taps.filter((tap) => (tap.kind === 'encoder') === encoder) };
}

/**
 * Puts encoder and decoder together over the files that are loaded.
 * @param config parsed config.json
 * @param generation parsed generation_config.json, where there is one
 * @param named ids of the tokens that the tokenizer names
 * @param sample a few token ids, to run a file with whose inputs do not tell what it is
 * @throws ExplainError MODEL_CONFIG_INVALID, INPUT_UNSUPPORTED, MODEL_UNSUPPORTED
 */
export async function assemble(
  loaded: readonly LoadedGraph[],
  config: unknown,
  generation: unknown,
  sample: readonly number[],
  named?: NamedIds,
): Promise<ModelParts> {
  const specOf = (family: ModelFamily): ModelSpec =>
    completed(readModelSpec(config, generation, family, named), loaded);
  const [only] = loaded;
  if (!only) throw new ExplainError('INTERNAL', say('engine.noFile'));
  const known = familyOf(loaded);
  if (known === 'encoder-only') return reader(only, specOf(known));
  if (known !== undefined)
    return known === 'encoder-decoder' ? twoSided(loaded, specOf(known)) : writer(loaded, specOf(known));
  if (plainWriter(only)) return writer([only], specOf('decoder-only'));
  const { graph, writes } = await everyRun(only.file.path, () => withDirection(only, specOf('encoder-only'), sample));
  // A masked model that gives no logits (an embedder made of a decoder) reads and cannot write.
  if (writes && graph.taps.some((tap) => tap.kind === 'decoder')) return writer([graph], specOf('decoder-only'));
  return reader(graph, specOf('encoder-only'));
}

/** True for a file with a cache and logits: it writes, and needs no run to find out. If it looks ahead, the self-test refuses it. */
function plainWriter({ session, taps }: LoadedGraph): boolean {
  return (
    taps.every((tap) => tap.kind === 'decoder') &&
    pastInputs(session).length > 0 &&
    session.outputNames.includes('logits')
  );
}

// Encoder and decoder get only what they need of a graph, so that they do not keep the file's bytes in memory.
const tapped = ({ session, taps, meanings, declared }: LoadedGraph): TappedGraph => ({
  session,
  taps,
  meanings,
  declared,
});

function reader(graph: LoadedGraph, spec: ModelSpec): ModelParts {
  return {
    family: 'encoder-only',
    spec,
    graphs: [graph],
    encoder: new Encoder(tapped(graph), graph.file.role, spec, SINGLE_OUTPUTS),
    encoderGraph: graph,
    decoder: undefined,
    decoderGraph: undefined,
  };
}

function decoderOf(graphs: readonly LoadedGraph[], spec: ModelSpec): Pick<ModelParts, 'decoder' | 'decoderGraph'> {
  const byRole = (role: GraphFile['role']): LoadedGraph | undefined => graphs.find((graph) => graph.file.role === role);
  const decoderGraph = byRole('decoder-merged') ?? byRole('decoder') ?? byRole('model');
  const withPast = byRole('decoder-with-past');
  return {
    decoder:
      decoderGraph && new Decoder(tapped(decoderGraph), decoderGraph.file.role, spec, withPast && tapped(withPast)),
    decoderGraph,
  };
}

function writer(graphs: readonly LoadedGraph[], spec: ModelSpec): ModelParts {
  return {
    family: 'decoder-only',
    spec,
    graphs,
    encoder: undefined,
    encoderGraph: undefined,
    ...decoderOf(graphs, spec),
  };
}

/** Encoder and decoder, in files of their own or in one. */
function twoSided(graphs: readonly LoadedGraph[], spec: ModelSpec): ModelParts {
  const own = graphs.find((graph) => graph.file.role === 'encoder');
  const whole = own ? undefined : graphs.find((graph) => graph.file.role === 'model');
  const encoderGraph = whole ? half(whole, true) : own;
  return {
    family: 'encoder-decoder',
    spec,
    graphs,
    encoder: encoderGraph && new Encoder(tapped(encoderGraph), encoderGraph.file.role, spec),
    encoderGraph,
    ...decoderOf(whole ? [half(whole, false)] : graphs, spec),
  };
}
