/** Where a graph's position input counts from. */
import { say } from '../../text/say';
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import { SAME_VALUES } from '../graph/operators';
import type { TensorInfo } from '../wire/proto';
import { isFlatRow, type ExternalBytes } from './constants';
import { tableOf, type Use } from './uses';

/** The first token's position, and how many rows the table of positions has (0: no table). */
export interface PositionMeaning {
  readonly first: number;
  readonly rows: number;
}

/**
 * Families of `transformers` whose positions begin after the padding index (create_position_ids_from_input_ids): asked only where
 * neither the table nor the graph tells.
 */
const PADDED =
  /^(?:roberta|xlm-roberta|camembert|mpnet|longformer|led-encoder|xmod|data2vec-text|ibert|luke|mluke|esm|layoutlmv3|lilt|markuplm|bros-roberta|nezha-roberta|phobert|bertweet)/;
/** What `pad_token_id` is where such a family's config leaves it out. */
const DEFAULT_PAD = 1;
/** Families whose positions begin at 0, as little to be relied on as the ones above. */
const PLAIN =
  /^(?:bert|distilbert|electra|albert|deberta|ernie|mobilebert|squeezebert|megatron|gpt2|gpt_neo|gpt_bigcode|openai-gpt|codegen|ctrl|clip|siglip|splinter|convbert|roformer|fnet|layoutlm$|layoutlmv2|xlm$|flaubert)/;
/** Padding indices are among the first words: a row of zeros further on means nothing. */
const LAST_PAD = 15;

const CARRIES = new Set([...SAME_VALUES, 'Expand']);
const ROTATES = new Set(['Sin', 'Cos', 'Split', 'Slice', 'Concat', 'Neg', 'RotaryEmbedding']);

export interface PositionContext {
  readonly flow: Flow;
  readonly padding: number | undefined;
  readonly modelType: string;
  readonly external: ExternalBytes | undefined;
  /** The input's own name, for the sentence that refuses it. */
  readonly name: string;
}

/** @returns the meaning, or the sentence that says why it stays open. Rotary and relative positions count from anywhere: they begin at 0. */
export function positionMeaning(uses: readonly Use[], context: PositionContext): PositionMeaning | string {
  let found: PositionMeaning | undefined;
  for (const use of uses) {
    const table = tableOf(use);
    if (!table || !isAdded(use, context.flow)) continue;
    const meaning = ofTable(use, table, context);
    if (typeof meaning === 'string') return meaning;
    if (found && found.first !== meaning.first) return say('onnx.input.positionsDiffer', { name: context.name });
    found = found && found.rows < meaning.rows ? found : meaning;
  }
  return found ?? { first: 0, rows: 0 };
}

/** True where what is looked up becomes part of the tokens' features, and does not rotate them. */
function isAdded({ graph, node }: Use, flow: Flow): boolean {
  if (node.op === 'EmbedLayerNormalization') return true;
  const known = flowOf(graph, flow);
  const queue = [node.outputs[0] ?? ''];
  for (let i = 0; i < queue.length && i < 64; i++) {
    for (const consumer of graph.consumers.get(queue[i] ?? '') ?? []) {
      if (ROTATES.has(consumer.op)) return false;
      const meets = consumer.inputs.some((input) => input !== '' && (known?.of(input).content ?? 0) !== 0);
      if (consumer.op === 'Mul' && meets) return false;
      if (meets) return true;
      // Positions and token types may be added up before the words' features.
      if (CARRIES.has(consumer.op) || consumer.op === 'Add' || consumer.op === 'Mul')
        queue.push(consumer.outputs[0] ?? '');
    }
  }
  // Where it is not seen what becomes of the rows, they may be added: the table then has to say where positions begin.
  return true;
}

function flowOf(graph: Graph, flow: Flow): Flow | undefined {
  if (graph.parent === null) return flow;
  return flowOf(graph.parent, flow)?.inner.get(graph);
}

function ofTable(
  { graph, added }: Use,
  table: TensorInfo,
  { padding, modelType, external, name }: PositionContext,
): PositionMeaning | string {
  const [rows = 0] = table.dims;
  // The graph shifts them itself (OPT, BART): they come as 0, 1, 2, …
  if (added !== 0) return { first: 0, rows: Math.max(0, rows - added) };
  const padded = PADDED.test(modelType);
  const stated = padding ?? (padded ? DEFAULT_PAD : undefined);
  const within = stated !== undefined && stated + 1 < rows ? stated : undefined;
  // The padding index's row is never trained and stays all zeros; where the next row is not, that is the first position's. The config
  // may leave the index out, or have another one than the table was made with.
  const isFlat = (row: number): boolean | undefined => isFlatRow(graph, table, row, external);
  const others = Array.from({ length: LAST_PAD + 1 }, (_, row) => row);
  const untrained = [...(within === undefined ? [] : [within]), ...others].find(
    (row) => isFlat(row) === true && isFlat(row + 1) === false,
  );
  if (untrained !== undefined) return { first: untrained + 1, rows };
  if (padded && within !== undefined) return { first: within + 1, rows };
  if (PLAIN.test(modelType) || (stated !== undefined && within === undefined)) return { first: 0, rows };
  if (isRound(rows - (within ?? DEFAULT_PAD) - 1) && !isRound(rows))
    return say('onnx.input.positionsUnclear', { name, rows });
  return { first: 0, rows };
}

/** True for a length that people choose for texts, a multiple of 8, so that a table with that many rows has none for padding. */
function isRound(length: number): boolean {
  return length >= 8 && length % 8 === 0;
}
