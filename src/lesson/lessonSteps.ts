/**
 * One step of the lesson for one token and one head: the model's own numbers cut out of a run, and the step computed again from the
 * one before it, so that a reader sees that the two are the same (or why that cannot be seen).
 */
import type { LessonAnswer, LessonTensor, Recomputed } from '../protocol/lesson';
import type { LessonPlace } from '../protocol/lessonPlace';
import { say } from '../text/say';
import {
  ACTIVATIONS,
  affine,
  apart,
  columnOf,
  innerProduct,
  factorBetween,
  normed,
  rowOf,
  softmax,
  weighted,
  type ActivationName,
  type Matrix,
  type NormNumbers,
  type Vector,
} from './arithmetic';
import { anglesOf, biasOfHeads, isSinusoid, turned } from './relativeNumbers';
import { biasOfStage, headOfStage, mapRowOfStage, tokensOfStage, windowRound, type StageTensorData } from './stageCuts';
import type { LessonModel } from './wants';

/** Rows of other tokens that are shown beside the followed one. */
const MOST_ROWS = 16;
/** A step that is farther off than this share of its largest number was not this step. */
const SAME_STEP = 1e-3;
/** More products than these would keep the worker from hearing for long: the whole is not computed again then. */
const MOST_PRODUCTS = 2 ** 28;

/** A tensor of the run by its measure; undefined where the graph does not give it. */
export type Find = (measure: string) => StageTensorData | undefined;

type Step = Pick<LessonAnswer, 'tensors' | 'checks' | 'numbers' | 'activation'>;

class StepMaker {
  readonly tensors: LessonTensor[] = [];
  readonly checks: Recomputed[] = [];
  readonly numbers: Record<string, number> = {};
  activation = '';

  constructor(
    readonly place: LessonPlace,
    readonly model: LessonModel,
    readonly find: Find,
  ) {}

  put(name: string, data: Vector, rows = 1, first = 0): void {
    const own = Float32Array.from(data);
    this.tensors.push({ name, rows, columns: rows === 0 ? 0 : own.length / rows, first, data: own });
  }

  /** Compares what was computed with the model's own. */
  check(name: string, computed: Vector | undefined, own: Vector | undefined): void {
    if (!own) return;
    const difference = computed ? apart(computed, own) : Infinity;
    const largest = Array.from(own).reduce(
      (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
      1,
    );
    const isSame = difference <= SAME_STEP * largest;
    const reason = computed ? say('lesson.reason.otherwise') : say('lesson.reason.missing');
    this.checks.push({ name, difference: isSame ? difference : null, largest, reason: isSame ? '' : reason });
  }

  /** The followed token's row of a stage. */
  tokenRow(measure: string, row = this.place.token): Float32Array | undefined {
    const tensor = this.find(measure);
    if (!tensor) return undefined;
    const matrix = tokensOfStage(tensor);
    // What is the same for every token may be there once.
    return rowOf(matrix, Math.min(row, matrix.rows - 1));
  }

  window(name: string, measure: string): void {
    const tensor = this.find(measure);
    if (!tensor) return;
    this.rows(name, tokensOfStage(tensor));
  }

  /** The rows of the tokens round the followed one. */
  rows(name: string, { rows, columns, data }: Matrix): void {
    const { first, end } = windowRound(this.place.token, rows, MOST_ROWS);
    this.put(name, data.subarray(first * columns, end * columns), end - first, first);
  }

  heads(measure: string, head = this.place.head): Matrix | undefined {
    const tensor = this.find(measure);
    return tensor && headOfStage(tensor, head, this.model.heads);
  }

  mapRow(measure: string): Float32Array | undefined {
    const tensor = this.find(measure);
    return tensor && mapRowOfStage(tensor, this.place.head, this.place.token);
  }

  matrix(measure: string): Matrix | undefined {
    const tensor = this.find(measure);
    return tensor?.dims.length === 2 ? tokensOfStage(tensor) : undefined;
  }

  /** True where norms come after sums; the numbers say which it is, where that is known. */
  arranged(): boolean {
    const isPost = this.find('isPostNorm')?.data[0];
    if (isPost !== undefined) this.numbers['isPostNorm'] = isPost;
    return isPost === 1;
  }

  norm(name: string): NormNumbers | undefined {
    const [weight, bias, epsilon, isLayer] = ['Weight', 'Bias', 'Epsilon', 'IsLayer'].map((end) =>
      this.find(name + end),
    );
    const under = epsilon?.data[0];
    if (!weight || !bias || under === undefined || !isLayer) return undefined;
    const kind = isLayer.data[0] === 1 ? 'layer' : 'rms';
    return { kind, epsilon: under, weight: biasOfStage(weight), bias: biasOfStage(bias) };
  }

  /** A norm of a vector, compared with the model's, with the numbers that it divides by. */
  normed(name: string, measure: string, x: Vector | undefined, own: Vector | undefined): void {
    const norm = this.norm(measure);
    if (own) this.put(name, own);
    const done = x && norm ? normed(x, norm) : undefined;
    if (done && norm) {
      this.numbers['mean'] = done.mean;
      this.numbers['deviation'] = done.deviation;
      this.numbers['isLayerNorm'] = norm.kind === 'layer' ? 1 : 0;
      this.numbers['normWeight'] = norm.weight?.[this.place.feature] ?? 1;
      this.numbers['normBias'] = norm.bias?.[this.place.feature] ?? 0;
    }
    this.check(name, done?.values, own);
  }
}

/** @param find tensors of the run, of this place's own layer and stack */
export function stepOf(place: LessonPlace, model: LessonModel, find: Find): Step {
  const make = new StepMaker(place, model, find);
  STEPS[place.stage](make);
  const { tensors, checks, numbers, activation } = make;
  return { tensors, checks, numbers, activation };
}

const nothing = (): void => undefined;

const STEPS: Readonly<Record<LessonPlace['stage'], (make: StepMaker) => void>> = {
  tokens: nothing,
  next: nothing,
  loop: nothing,
  forcing(make) {
    const own = make.find('forced');
    if (own) make.put('forced', own.data);
  },
  embedding: (make) => make.window('embedding', 'tokenEmbeddings'),
  position(make) {
    const { token } = make.place;
    make.window('position', 'positions');
    const own = make.tokenRow('positions');
    if (own) make.numbers['isSinusoid'] = isSinusoid(own, token) ? 1 : 0;
    const [cosines, sines] = [make.find('rotaryCosines'), make.find('rotarySines')];
    if (cosines && sines) {
      const angles = anglesOf(tokensOfStage(cosines), tokensOfStage(sines));
      make.numbers['isRotary'] = 1;
      make.rows('angle', angles);
      // The first place is not turned at all, so a text of one token needs no frequency.
      const frequencies = angles.rows > 1 ? rowOf(angles, 1) : new Float32Array(angles.columns);
      const angle = rowOf(angles, token);
      make.put('frequency', frequencies);
      make.check('angle', turned(frequencies, token, angle), angle);
    }
    const bias = make.find('scoreBias');
    if (bias) {
      const { rows, columns, data } = biasOfHeads(bias, token);
      // What a mask hides is no distance.
      const last = rowOf({ rows, columns, data }, 0).findLastIndex((value) => value > -1e4);
      const shown = Array.from({ length: rows }, (_, head) => [
        ...data.subarray(head * columns, head * columns + last + 1),
      ]);
      make.numbers['isRelative'] = 1;
      make.put('distance', shown.flat(), rows);
    }
  },
  stream(make) {
    const [token, position, segment, sum] = ['tokenEmbeddings', 'positions', 'segments', 'streamBefore'].map((name) =>
      make.tokenRow(name),
    );
    if (token) make.put('embedding', token);
    if (position) make.put('position', position);
    make.numbers['hasPlaces'] = position ? 1 : 0;
    if (segment) make.put('segment', segment);
    if (!sum) return;
    make.put('stream', sum);
    if (!token) return;
    const rest = Float64Array.from(sum, (value, i) => value - (position?.[i] ?? 0) - (segment?.[i] ?? 0));
    const scale = factorBetween(token, rest);
    // A factor that is a root of the width is known exactly; what is left is the rounding of float32.
    const root = Math.sqrt(token.length);
    const exact = [1, root].find((known) => Math.abs(known - scale) < 1e-4 * known) ?? scale;
    make.numbers['scale'] = exact;
    const computed = Float64Array.from(token, (value, i) => value * exact + (position?.[i] ?? 0) + (segment?.[i] ?? 0));
    make.check('stream', computed, sum);
  },
  vectors(make) {
    const { place, model } = make;
    make.arranged();
    const weights = make.mapRow('weights');
    // Keys and values are the same token's; in cross-attention of the token that the head weighs most.
    const strongest = weights ? Array.from(weights).indexOf(Math.max(...weights)) : 0;
    const keyToken = place.kind === 'cross' ? strongest : place.token;
    make.numbers['keyToken'] = keyToken;
    for (const name of ['query', 'key', 'value'] as const) {
      const row = name === 'query' ? place.token : keyToken;
      const own = make.heads(name);
      if (!own) continue;
      const vector = rowOf(own, row);
      const input = make.tokenRow(`${name}Input`, row);
      if (input) make.put(`${name}Input`, input);
      make.put(name, vector);
      const weight = make.matrix(`${name}Weight`);
      const bias = make.find(`${name}Bias`);
      if (!input || !weight) {
        make.check(name, undefined, vector);
        continue;
      }
      const offset = bestOffset(
        input,
        weight,
        bias ? biasOfStage(bias) : null,
        own.columns,
        { ...place, heads: model.heads },
        vector,
      );
      make.check(name, offset.values, vector);
      const column = offset.from + Math.min(place.feature, own.columns - 1);
      make.put(`${name}Column`, columnOf(weight, column));
      make.numbers[`${name}Bias`] = (bias ? biasOfStage(bias)?.[column] : 0) ?? 0;
    }
  },
  scores(make) {
    const query = make.heads('query');
    const keys = make.heads('key');
    const own = make.mapRow('scores');
    const q = query && rowOf(query, make.place.token);
    if (q) make.put('query', q);
    if (keys) make.put('keys', keys.data, keys.rows);
    if (own) make.put('scores', own);
    if (!q || !keys || !own) {
      make.check('scores', undefined, own);
      return;
    }
    const products = Float64Array.from({ length: keys.rows }, (_, row) => innerProduct(q, rowOf(keys, row)));
    const fitted = factorBetween(products, own);
    const known = [1, 1 / Math.sqrt(keys.columns)].find((one) => Math.abs(one - fitted) < 1e-4 * one) ?? fitted;
    make.numbers['scale'] = known;
    make.check(
      'scores',
      products.map((value) => value * known),
      own,
    );
  },
  mask(make) {
    const scores = make.mapRow('scores');
    const own = make.mapRow('maskedScores');
    if (scores) make.put('scores', scores);
    if (own) make.put('masked', own);
    if (!own) return;
    if (!scores) {
      make.check('masked', undefined, own);
      return;
    }
    // What is hidden has a score so low that softmax gives it nothing; what is seen keeps its own, or has a position's bias added.
    const isHidden = (value: number): boolean => value < -1e4;
    const added = Float64Array.from(own, (value, i) => (isHidden(value) ? 0 : value - (scores[i] ?? 0)));
    make.put('bias', added);
    make.numbers['hidden'] = own.filter(isHidden).length;
    make.check(
      'masked',
      Float64Array.from(own, (value, i) => (isHidden(value) ? value : (scores[i] ?? 0) + (added[i] ?? 0))),
      own,
    );
  },
  softmax(make) {
    const scores = make.mapRow('maskedScores');
    const own = make.mapRow('weights');
    if (scores) make.put('masked', scores);
    if (own) make.put('weights', own);
    make.check('weights', scores && softmax(scores), own);
  },
  values(make) {
    const weights = make.mapRow('weights');
    const values = make.heads('value');
    const output = make.heads('headOutput');
    const own = output && rowOf(output, make.place.token);
    if (weights) make.put('weights', weights);
    if (values) make.put('values', values.data, values.rows);
    if (own) make.put('headOutput', own);
    make.check('headOutput', weights && values && weighted(weights, values), own);
  },
  heads(make) {
    const all = Array.from({ length: make.model.heads }, (_, head) => make.heads('headOutput', head));
    const rows = all.flatMap((one) => (one ? [rowOf(one, make.place.token)] : []));
    const joined = rows.flatMap((row) => [...row]);
    const own = make.tokenRow('outputInput');
    // What is switched off is so between the heads and the product that reads them.
    if (rows.length > 0) make.put('heads', own ?? joined, rows.length);
    make.check('heads', rows.length === all.length ? joined : undefined, own);
  },
  projection(make) {
    product(make, 'output', 'heads', make.tokenRow('attentionOutput'), 'projected');
  },
  residual(make) {
    const stream = make.tokenRow('attentionStream');
    const added = make.tokenRow('attentionOutput');
    const sum = make.tokenRow('attentionSum');
    if (stream) make.put('stream', stream);
    if (added) make.put('added', added);
    if (sum) make.put('sum', sum);
    make.check('sum', stream && added && plus(stream, added), sum);
    const isPost = make.arranged();
    make.normed('normed', 'attentionNorm', isPost ? sum : stream, make.tokenRow('attentionNorm'));
  },
  feedForward(make) {
    make.arranged();
    const input = make.tokenRow('innerInput');
    const own = make.tokenRow('feedForwardInner');
    if (input) make.put('input', input);
    if (own) make.put('inner', own);
    const isGated = make.find('isGated')?.data[0] === 1;
    if (isGated) make.numbers['isGated'] = 1;
    const before = wholeProduct(make, 'inner');
    // One product that is cut in two has both halves in it.
    const half = (before?.length ?? 0) / 2;
    const gate = wholeProduct(make, 'gate') ?? before?.subarray(half);
    const first = gate && before && gate.length === before.length ? before : before?.subarray(0, half);
    const found = own && before && (isGated ? gate && first && gatedOf(first, gate, own) : activationOf(before, own));
    make.activation = found?.name ?? '';
    make.check('inner', found?.values, own);
    product(make, 'outer', '', make.tokenRow('feedForwardOutput'), 'output');
  },
  layerEnd(make) {
    const isPost = make.arranged();
    const stream = make.tokenRow(isPost ? 'attentionNorm' : 'attentionSum');
    const added = make.tokenRow('feedForwardOutput');
    const after = make.tokenRow('streamAfter');
    if (stream) make.put('stream', stream);
    if (added) make.put('added', added);
    const sum = stream && added && plus(stream, added);
    if (sum) make.put('sum', sum);
    if (isPost) make.normed('after', 'feedForwardNorm', sum, after);
    else {
      if (after) make.put('after', after);
      make.check('after', sum, after);
    }
  },
  states(make) {
    make.window('states', make.find('lastNorm') ? 'lastNorm' : 'streamAfter');
  },
  logits(make) {
    product(make, 'unembedding', 'stream', make.tokenRow('logits'), 'logits');
  },
};

const plus = (one: Vector, other: Vector): Float64Array =>
  Float64Array.from(one, (value, i) => value + (other[i] ?? 0));

/** What a product of the followed token is made of, as far as it is there. */
function factorsOf(
  make: StepMaker,
  name: string,
): { readonly input: Vector | undefined; readonly weight: Matrix | undefined; readonly bias: Vector | null } {
  const bias = make.find(`${name}Bias`);
  return {
    input: make.tokenRow(`${name}Input`),
    weight: make.matrix(`${name}Weight`),
    bias: bias ? biasOfStage(bias) : null,
  };
}

/** A step that is one product with a weight: its input, its result, and the column that makes the number that is looked into. */
function product(make: StepMaker, name: string, shown: string, own: Float32Array | undefined, result: string): void {
  const { input, weight, bias } = factorsOf(make, name);
  if (input && shown !== '') make.put(shown, input);
  if (own) make.put(result, own);
  if (input && weight) {
    const column = Math.min(make.place.feature, weight.columns - 1);
    make.put('column', columnOf(weight, column));
    make.numbers['bias'] = bias?.[column] ?? 0;
  }
  const isSmall = weight !== undefined && weight.rows * weight.columns <= MOST_PRODUCTS;
  make.check(result, input && weight && isSmall ? affine(input, weight, bias) : undefined, own);
}

/** Queries, keys and values may be one packed product: where in it a head's columns are shows in its own numbers. */
function bestOffset(
  input: Vector,
  weight: Matrix,
  bias: Vector | null,
  size: number,
  { head, heads }: { readonly head: number; readonly heads: number },
  own: Vector,
): { readonly from: number; readonly values: Float64Array } {
  const groups = Math.max(1, weight.columns / size);
  // A head of its own, or one of a group that shares keys and values; then the same in the second and third part of a packed product.
  const places = [head, Math.floor((head * groups) / heads), heads + head, 2 * heads + head].filter(
    (place) => place < groups,
  );
  const tried = [...new Set(places)].map((place) => {
    const values = affine(input, weight, bias, place * size, size);
    return { from: place * size, values, off: apart(values, own) };
  });
  const [first, ...others] = tried;
  const best = others.reduce((one, other) => (one && one.off <= other.off ? one : other), first);
  return best ?? { from: 0, values: new Float64Array(size) };
}

/** All numbers of a product of the followed token; undefined where it is not there. */
function wholeProduct(make: StepMaker, name: string): Float64Array | undefined {
  const { input, weight, bias } = factorsOf(make, name);
  return input && weight && affine(input, weight, bias);
}

interface Activated {
  readonly name: ActivationName;
  readonly values: Float64Array;
}

/** The activation that makes the inner numbers of what goes in; undefined where none of those that are known does. */
function activationOf(before: Vector, own: Vector): Activated | undefined {
  return nearest(own, (activation) => Float64Array.from(before, activation));
}

/** The same for two products, one of which goes through the activation and is multiplied with the other (Shazeer 2020). */
function gatedOf(one: Vector, other: Vector, own: Vector): Activated | undefined {
  const through = (gate: Vector, up: Vector): Activated | undefined =>
    nearest(own, (activation) => Float64Array.from(gate, (value, i) => activation(value) * (up[i] ?? NaN)));
  return through(one, other) ?? through(other, one);
}

function nearest(
  own: Vector,
  valuesOf: (activation: (value: number) => number) => Float64Array,
): Activated | undefined {
  const tried = (Object.keys(ACTIVATIONS) as ActivationName[]).map((name) => {
    const values = valuesOf(ACTIVATIONS[name]);
    return { name, values, off: apart(values, own) };
  });
  const [best] = tried.sort((a, b) => a.off - b.off);
  return best && best.off < SAME_STEP ? best : undefined;
}
