/**
 * What a graph's inputs mean, from what the graph does with them: a name tells what an input is about, and not what its numbers say.
 * What stays open is refused by name when the model is loaded.
 */
import { readGenerationConfig } from '../../config/generationConfig';
import { readModelConfig } from '../../config/modelConfig';
import { say } from '../../text/say';
import { inputRole } from '../graph/flow';
import type { OnnxModel } from '../graph/onnxFile';
import type { InputMeaning, InputMeanings } from '../types';
import type { TensorInfo, ValueInfo } from '../wire/proto';
import type { ExternalBytes } from './constants';
import { seenValue } from './masks';
import { positionMeaning } from './positions';
import { tableOf, usesOf } from './uses';

/** Kinds of segments that a model may tell apart; a larger table is one of words. */
const MOST_SEGMENTS = 64;

/**
 * @param config parsed config.json
 * @param external bytes of the graph's external data, where they are at hand
 */
export function inputMeanings(model: OnnxModel, config: unknown, external?: ExternalBytes): InputMeanings {
  const { graph, flow } = model;
  const inputs = graph.inputs.filter((input) => !graph.initializers.has(input.name));
  const { pad } = readGenerationConfig(config);
  const wordTables = new Set(tablesOfWords(model).map((table) => table.span.start));
  const context = {
    flow,
    padding: pad >= 0 ? pad : undefined,
    modelType: readModelConfig(config).modelType,
    external,
  };
  const meaningOf = (input: ValueInfo): InputMeaning | undefined => {
    const name = input.name.toLowerCase();
    if (/mask/.test(name)) return maskMeaning(model, input.name);
    if (/token_type|segment/.test(name)) return segmentMeaning(model, input, wordTables);
    if (!/position/.test(name)) return undefined;
    const meaning = positionMeaning(usesOf(graph, input.name), { ...context, name: input.name });
    return typeof meaning === 'string' ? { open: meaning } : meaning;
  };
  const meanings = new Map<string, InputMeaning>();
  for (const input of inputs) {
    const meaning = meaningOf(input);
    if (meaning) meanings.set(input.name, meaning);
  }
  return meanings;
}

/** The tables that the tokens' ids are looked up in. */
function tablesOfWords({ graph }: OnnxModel): readonly TensorInfo[] {
  return graph.inputs
    .filter((input) => !graph.initializers.has(input.name) && inputRole(input) === 'tokens')
    .flatMap((input) => usesOf(graph, input.name).map((use) => tableOf(use)))
    .filter((table) => table !== undefined);
}

/** How many tokens a model knows, by the table that they are looked up in; 0 where that is not seen. */
export function wordsOf(model: OnnxModel): number {
  const [table] = tablesOfWords(model);
  // A table of two dimensions may be stored either way round; there are more words than features in all but toys.
  return table?.dims.length === 2 ? Math.max(...table.dims) : 0;
}

function maskMeaning({ graph, flow }: OnnxModel, name: string): InputMeaning | undefined {
  const seen = seenValue(graph, flow, name);
  if (seen === 'both') return { open: say('onnx.input.masksDiffer', { name }) };
  return seen === undefined ? undefined : { seen };
}

/** Segments are fed as zeros, the first segment: right only where they are looked up in a table of segments, or compared with a number. */
function segmentMeaning(
  { graph, flow }: OnnxModel,
  input: ValueInfo,
  wordTables: ReadonlySet<number>,
): InputMeaning | undefined {
  if (input.dims && input.dims.length > 2)
    return { open: say('onnx.input.manyTypes', { name: input.name, rank: input.dims.length }) };
  for (const use of usesOf(graph, input.name)) {
    const table = tableOf(use);
    if (table && (wordTables.has(table.span.start) || (table.dims[0] ?? 0) > MOST_SEGMENTS))
      return { open: say('onnx.input.typesAreWords', { name: input.name }) };
    const others = use.node.inputs.filter((name, place) => place !== use.place && name !== '');
    if (!table && /^(?:Equal|Sub|NotEqual)$/.test(use.node.op) && others.some((name) => !flow.of(name).constant))
      return { open: say('onnx.input.typesCompared', { name: input.name }) };
  }
  return undefined;
}
