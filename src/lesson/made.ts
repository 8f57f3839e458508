/** How one number of a station was made: the numbers that it is the sum of, or what was done to the number before it. */
import type { LessonAnswer, LessonTensor } from '../protocol/answers/lessonAnswers';
import type { LessonPlace } from '../protocol/lessonPlace';

/** One product of a sum: left times right. */
export interface Term {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly product: number;
}

export interface Made {
  /** What kind of step it is, which names its sentence. */
  readonly step: 'sum' | 'scaled' | 'softmax' | 'plus' | 'norm' | 'mask' | 'lookup' | 'angle' | 'distance';
  /** The model's own number. */
  readonly value: number;
  /** The largest products of a sum; the others are in `rest`. */
  readonly terms: readonly Term[];
  /** Products that are not listed, and their sum. */
  readonly others: number;
  readonly rest: number;
  /** What is added to the sum: a bias. */
  readonly bias: number;
  /** What the sum is multiplied by. */
  readonly scale: number;
  /** Numbers that a step without products takes, in the order in which its sentence names them. */
  readonly from: readonly number[];
}

const MOST_TERMS = 6;
const PLAIN: Omit<Made, 'step' | 'value'> = { terms: [], others: 0, rest: 0, bias: 0, scale: 1, from: [] };

/** The sum of products, its largest products first. */
function sumOf(value: number, left: ArrayLike<number>, right: ArrayLike<number>, bias = 0, scale = 1): Made {
  const all = Array.from(left, (one, index): Term => {
    const other = right[index] ?? 0;
    return { index, left: one, right: other, product: one * other };
  }).sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const rest = all.slice(MOST_TERMS).reduce((sum, { product }) => sum + product, 0);
  const step = scale === 1 ? 'sum' : 'scaled';
  return {
    ...PLAIN,
    step,
    value,
    terms: all.slice(0, MOST_TERMS),
    others: Math.max(0, all.length - MOST_TERMS),
    rest,
    bias,
    scale,
  };
}

/** True of a tensor whose rows are heads, not tokens. */
export const rowsAreHeads = (stage: LessonPlace['stage'], name: string): boolean =>
  stage === 'heads' || name === 'distance';

/**
 * The model's own number, wherever it was made.
 * @param name the tensor of the answer in which it stands
 * @param index its place in that tensor's followed row
 */
export function numberIn(
  { stage, token }: Pick<LessonPlace, 'stage' | 'token'>,
  { tensors }: Pick<LessonAnswer, 'tensors'>,
  name: string,
  index: number,
): number | undefined {
  const tensor = tensors.find((one) => one.name === name);
  if (!tensor) return undefined;
  const isOfTokens = tensor.rows > 1 && !rowsAreHeads(stage, name);
  return tensor.data[isOfTokens ? (token - tensor.first) * tensor.columns + index : index];
}

/**
 * @param name the tensor of the answer in which the number stands
 * @param index its place in that tensor's followed row
 * @returns undefined where the answer does not have what it is made of
 */
export function madeOf(place: LessonPlace, answer: LessonAnswer, name: string, index: number): Made | undefined {
  const { stage, feature } = place;
  const { tensors, numbers } = answer;
  const find = (wanted: string): LessonTensor | undefined => tensors.find((tensor) => tensor.name === wanted);
  const data = (wanted: string): Float32Array | undefined => find(wanted)?.data;
  const at = (wanted: string): number => data(wanted)?.[index] ?? 0;
  const number = (wanted: string, otherwise: number): number => numbers[wanted] ?? otherwise;
  const value = numberIn(place, answer, name, index);
  if (value === undefined) return undefined;
  const plain = (step: Made['step'], ...from: number[]): Made => ({ ...PLAIN, step, value, from });
  const product = (left: string, right: string, bias: number): Made | undefined => {
    const [one, other] = [data(left), data(right)];
    // The column that came is that of the number that is looked into.
    return one && other && index === feature ? sumOf(value, one, other, bias) : undefined;
  };
  switch (`${stage} ${name}`) {
    case 'embedding embedding':
    case 'position position':
      return plain('lookup', index + 1);
    case 'position angle':
      return plain('angle', place.token, at('frequency'));
    case 'position distance': {
      const columns = find('distance')?.columns ?? 1;
      return plain('distance', Math.floor(index / columns), (index % columns) - place.token);
    }
    case 'stream stream':
      return plain('plus', at('embedding') * number('scale', 1), at('position'), at('segment'));
    case 'vectors query':
    case 'vectors key':
    case 'vectors value':
      return product(`${name}Input`, `${name}Column`, number(`${name}Bias`, 0));
    case 'scores scores': {
      const [query, keys] = [data('query'), find('keys')];
      const key = keys?.data.subarray(index * keys.columns, (index + 1) * keys.columns);
      return query && key && sumOf(value, query, key, 0, number('scale', 1));
    }
    case 'mask masked':
      return plain('mask', at('scores'), at('bias'));
    case 'softmax weights': {
      const scores = data('masked');
      if (!scores) return undefined;
      const most = Math.max(...scores);
      const sum = Array.from(scores).reduce((total, score) => total + Math.exp(score - most), 0);
      return plain('softmax', at('masked'), Math.exp(at('masked') - most), sum, scores.length);
    }
    case 'values headOutput': {
      const [weights, values] = [data('weights'), find('values')];
      const column =
        values && Array.from({ length: values.rows }, (_, row) => values.data[row * values.columns + index] ?? 0);
      return weights && column && sumOf(value, weights, column);
    }
    case 'projection projected':
      return product('heads', 'column', number('bias', 0));
    case 'feedForward output':
      return product('inner', 'column', number('bias', 0));
    case 'logits logits':
      return product('stream', 'column', number('bias', 0));
    case 'residual sum':
    case 'layerEnd sum':
      return plain('plus', at('stream'), at('added'));
    case 'residual normed':
    case 'layerEnd after': {
      if (numbers['deviation'] === undefined) return plain('plus', at('stream'), at('added'));
      const before = number('isPostNorm', 1) === 1 ? at('sum') : at('stream');
      const isKnown = index === feature;
      return isKnown
        ? plain(
            'norm',
            before,
            number('mean', 0),
            number('deviation', 1),
            number('normWeight', 1),
            number('normBias', 0),
          )
        : undefined;
    }
    default:
      return undefined;
  }
}
