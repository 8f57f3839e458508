/** From the last stream to the logits: last norm, whatever a language-model head adds, unembedding. */
import { likeliestResult, mayBeResult } from '../../config/likeliestResult';
import type { GraphNode } from '../graph/node';
import { projected } from '../graph/operators';
import { describeValue } from '../graph/signature';
import type { Norm } from './norms';
import { existing, isMissing, missing, type Missing, type StageTensor, type Stage } from './stage';
import { nextJoin } from './stream';
import { MAX_WALK, type GraphView } from './graphView';
import { denseWeight, type DenseWeight } from './weight';
import { say, type PlainKey } from '../../text/say';

export interface Unembedding {
  readonly node: GraphNode;
  /** What it multiplies. */
  readonly input: string;
  readonly weight: Stage<DenseWeight>;
  /** Added to the product (`final_logits_bias`, a decoder's bias); '' where nothing is. */
  readonly bias: string;
  /** The logits are squashed afterwards (Gemma 2's softcap). */
  readonly softcap: boolean;
}

export interface HeadNodes {
  readonly list: readonly GraphNode[];
  /** The tensor that they read, or '' where the first of them is a fused operator that makes the last sum itself. */
  readonly stream: string;
  readonly fused: GraphNode | undefined;
}

export interface Head {
  readonly lastNorm: Stage<Norm>;
  readonly unembedding: Stage<Unembedding>;
  readonly logits: Stage;
  /** Nodes from the last stream to the logits, in the graph's order; the last stream is what they start from. */
  readonly nodes: Stage<HeadNodes>;
}

/** The stream as it leaves the last block. */
export interface LastStream {
  readonly place: StageTensor;
  /** True in post-norm models: the block ends with its own norm, so no further norm stands before the unembedding. */
  readonly postNorm: boolean;
  /** A fused operator that makes the stream's last sum and normalises it at once. */
  readonly fused: Norm | undefined;
}

/**
 * The graph's main result, chosen by the same rule as when the model runs (`likeliestResult`): logits by name, else the likeliest
 * of the outputs that are neither a cache nor hidden states.
 */
function logitsOutput(view: GraphView): string | undefined {
  const outputs = view.graph.outputs
    .map(describeValue)
    .filter(
      (output) =>
        mayBeResult(output) && !/^present|past_key_values|_attentions\.\d|last_hidden|pooler/.test(output.name),
    );
  const dims = new Map(outputs.map((output) => [output.name, output.dims]));
  const logits = outputs.map(({ name }) => name).filter((name) => /(^|_)logits/.test(name));
  return likeliestResult([...dims.keys()], ['logits', 'lm_logits', ...logits], (name) => dims.get(name));
}

/** @param last the stream after the last block; undefined where that was not found */
export function headOf(view: GraphView, last: LastStream | undefined): Head {
  const name = logitsOutput(view);
  if (name === undefined) {
    const none = missing(say('onnx.gap.noUnembedding'));
    return { lastNorm: lastNorm(view, last), unembedding: none, logits: none, nodes: none };
  }
  const unembedding = unembeddingOf(view, name);
  const nodes = isMissing(unembedding) ? unembedding : between(view, last, name);
  return {
    lastNorm: lastNorm(view, last),
    unembedding,
    logits: isMissing(unembedding) ? unembedding : existing(name, 'tokens'),
    nodes,
  };
}

const LOST: PlainKey = 'onnx.gap.streamLost';
const FURTHER: PlainKey = 'onnx.gap.layersFollow';

/** True where more is added to the stream after the last attention: a hybrid model may end with layers that have no attention. */
function goesFurther(view: GraphView, { place }: LastStream): boolean {
  return place.tensor !== '' && nextJoin(view, place.tensor) !== undefined;
}

function lastNorm(view: GraphView, last: LastStream | undefined): Stage<Norm> {
  if (!last) return missing(say(LOST));
  if (goesFurther(view, last)) return missing(say(FURTHER));
  if (last.postNorm) return missing(say('onnx.gap.ownNorms'));
  if (last.fused) return last.fused;
  return (view.norms.byInput.get(view.origin(last.place.tensor)) ?? [])[0] ?? missing(say('onnx.gap.noLastNorm'));
}

const AFTER = new Set([
  'Add',
  'Mul',
  'Div',
  'Tanh',
  'Cast',
  'Reshape',
  'Identity',
  'Slice',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Where',
  'DequantizeLinear',
]);

function unembeddingOf(view: GraphView, logits: string): Unembedding | Missing {
  let name = logits;
  let bias = '';
  let softcap = false;
  for (let i = 0; i < 32; i++) {
    const node = view.producer(name);
    if (!node) return missing(say('onnx.gap.noLogits'));
    const source = projected(node, view.flow);
    if (source !== undefined && view.hasContent(source)) {
      const own = node.op === 'Gemm' ? (node.inputs[2] ?? '') : '';
      return { node, input: source, weight: denseWeight(view, node), bias: bias === '' ? own : bias, softcap };
    }
    const [next, ...others] = view.contentInputs(node);
    if (!AFTER.has(node.op) || next === undefined || others.length > 0)
      return missing(say('onnx.gap.resultFrom', { operator: node.op }));
    if (node.op === 'Add') bias = node.inputs.find((input) => input !== next) ?? '';
    softcap ||= node.op === 'Tanh';
    name = next;
  }
  return missing(say('onnx.gap.noVocabulary'));
}

/** The nodes between the last stream and the logits. Where the logits depend on the text in another way too, there is no such stage. */
function between(view: GraphView, last: LastStream | undefined, logits: string): Stage<HeadNodes> {
  if (!last) return missing(say(LOST));
  if (goesFurther(view, last)) return missing(say(FURTHER));
  const stream = last.place.tensor;
  const [fused] = last.fused && stream === '' ? last.fused.nodes : [];
  const needed = new Set<GraphNode>();
  const queue = [logits];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const tensor = queue[i] ?? '';
    if (tensor === stream) continue;
    const node = view.producer(tensor);
    if (!node) return missing(say('onnx.gap.logitsDependOnText'));
    needed.add(node);
    if (node === fused) continue;
    for (const input of node.inputs) {
      // Sizes, masks and weights are the same for every layer's stream: they are taken as they are.
      if (seen.has(input) || !view.hasContent(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  if (fused ? !needed.has(fused) : !seen.has(stream)) return missing(say('onnx.gap.logitsNotFromStream'));
  return { list: view.graph.nodes.filter((node) => needed.has(node)), stream, fused };
}
