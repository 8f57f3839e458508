/** What a step of the lesson is put together with: the model's own numbers cut out of a run, and what was computed held against them. */
import type { LessonTensor, Recomputed } from '../protocol/answers/lessonAnswers';
import type { LessonPlace } from '../protocol/lessonPlace';
import { say } from '../text/say';
import { apart, normed, rowOf, type Matrix, type NormNumbers, type Vector } from './arithmetic';
import { biasOfStage, headOfStage, mapRowOfStage, tokensOfStage, windowRound, type StageTensorData } from './stageCuts';
import type { LessonModel } from './wants';

/** Rows of other tokens that are shown beside the followed one. */
const MOST_ROWS = 16;
/** A step that is farther off than this share of its largest number was not this step. */
export const SAME_STEP = 1e-3;

/** A tensor of the run by its measure; undefined where the graph does not give it. */
export type Find = (measure: string) => StageTensorData | undefined;

export class StepMaker {
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
