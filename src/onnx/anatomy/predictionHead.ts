/**
 * From the last stream to what the unembedding multiplies: nothing, scales, or the prediction head of a masked-language model (Devlin et
 * al. 2019): a product, an activation and a norm.
 */
import type { GraphNode } from '../graph/node';
import { say } from '../../text/say';
import { linearWay, soleWay, type LinearStep } from './linearWay';
import { isMissing, missing, type Missing } from './stage';
import { MAX_WALK, type GraphView } from './graphView';
import { denseWeight, type DenseWeight } from './weight';

/** A layer with an activation between the stream and the vocabulary. */
export interface HeadLayer {
  readonly node: GraphNode;
  readonly weight: DenseWeight;
  /** From the product to the activation: a bias. */
  readonly shift: readonly LinearStep[];
  /** What the activation takes and gives, number by number; `bias` is what it adds first by itself, '' where it adds nothing. */
  readonly activation: { readonly input: string; readonly bias: string; readonly output: string };
  /** From the activation on: a norm. */
  readonly after: readonly LinearStep[];
}

export interface HeadWay {
  /** From the stream to the layer, or to the end where there is none. */
  readonly before: readonly LinearStep[];
  readonly layer: HeadLayer | undefined;
}

/**
 * @param from the last norm's output, or the last stream where none stands there
 * @param to what the unembedding multiplies
 */
export function headWay(view: GraphView, from: string, to: string): HeadWay | Missing {
  const plain = linearWay(view, from, to);
  if (!isMissing(plain)) return { before: plain, layer: undefined };
  const [product, ...others] = view.projections(to);
  if (!product || others.length > 0) return plain;
  const before = linearWay(view, from, product.source);
  if (isMissing(before)) return plain;
  const weight = denseWeight(view, product.node);
  if (isMissing(weight)) return weight;
  const made = product.node.outputs[0] ?? '';
  const input = soleWay(view, made);
  const shift = linearWay(view, made, input);
  const norm = view.norms.byOutput.get(view.origin(to));
  const output = norm?.input ?? view.origin(to);
  const after = linearWay(view, output, to);
  if (isMissing(shift)) return shift;
  if (isMissing(after)) return after;
  if (!isNumberByNumber(view, input, output)) return missing(say('onnx.gap.notNumberByNumber'));
  const fused = view.takers(input).find(({ op }) => op === 'BiasGelu' || op === 'FastGelu');
  const activation = { input, bias: fused?.inputs[1] ?? '', output };
  return { before, layer: { node: product.node, weight, shift, activation, after } };
}

const NUMBER_BY_NUMBER = new Set([
  'Cast',
  'Identity',
  'Erf',
  'Tanh',
  'Sigmoid',
  'Relu',
  'LeakyRelu',
  'Elu',
  'Softplus',
  'Gelu',
  'FastGelu',
  'QuickGelu',
  'BiasGelu',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Neg',
  'Max',
  'Min',
  'Clip',
]);

/** True where `output` is made of `input` alone, each number of it of the one at its place. */
function isNumberByNumber(view: GraphView, input: string, output: string): boolean {
  const queue = [output];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length; i++) {
    const tensor = queue[i] ?? '';
    if (tensor === input) continue;
    const node = view.producer(tensor);
    if (i > MAX_WALK || !node || !NUMBER_BY_NUMBER.has(node.op)) return false;
    for (const one of node.inputs) {
      if (!view.hasContent(one) || seen.has(one)) continue;
      seen.add(one);
      queue.push(one);
    }
  }
  return seen.has(input);
}
