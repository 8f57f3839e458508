/**
 * One step of the lesson for one token and one head: the model's own numbers cut out of a run, and the step computed again from the
 * one before it, so that a reader sees that the two are the same (or why that cannot be seen).
 */
import type { LessonAnswer } from '../protocol/answers/lessonAnswers';
import type { LessonPlace } from '../protocol/lessonPlace';
import { columnOf, factorBetween, innerProduct, rowOf, softmax, weighted, type Vector } from './arithmetic';
import { anglesOf, biasOfHeads, isSinusoid, turned } from './relativeNumbers';
import { biasOfStage, tokensOfStage } from './stageCuts';
import { StepMaker, type Find } from './stepMaker';
import { activationOf, bestOffset, gatedOf, product, wholeProduct } from './stepProducts';
import type { LessonModel } from './wants';

type Step = Pick<LessonAnswer, 'tensors' | 'checks' | 'numbers' | 'activation'>;

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
