/** What is to be said of a station beside its picture: facts of this model, checks, a question that the reader's own numbers answer. */
import { softmax } from '../../../src/lesson/arithmetic';
import { followed } from '../../../src/lesson/stations';
import type { LessonAnswer } from '../../../src/protocol/answers/lessonAnswers';
import type { LessonPlace } from '../../../src/protocol/lessonPlace';
import { say, type PlainKey } from '../../../src/text/say';
import { el } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';
import { shownNumber } from './strip';
import { tensorName } from './picture';

/** Stages at which there is something to be seen in every text. */
const LOOK_FOR: Readonly<Partial<Record<LessonPlace['stage'], PlainKey>>> = {
  position: 'lesson.look.position',
  scores: 'lesson.look.scores',
  mask: 'lesson.look.mask',
  softmax: 'lesson.look.softmax',
  heads: 'lesson.look.heads',
  feedForward: 'lesson.look.feedForward',
  logits: 'lesson.look.logits',
};

/** What to look for at a station; undefined where this model has nothing of the kind to be seen. */
export function lookFor({ kind, stage }: LessonPlace, answer: LessonAnswer | null): PlainKey | undefined {
  // Only a decoder hides what comes later, and only ReLU makes most inner units 0.
  const { isRotary, isRelative } = answer?.numbers ?? {};
  if (stage === 'position' && (isRotary === 1 || isRelative === 1)) return undefined;
  if (stage === 'mask' && kind !== 'decoder') return undefined;
  if (stage === 'feedForward' && answer?.activation !== 'ReLU') return undefined;
  return LOOK_FOR[stage];
}

function hiddenFact(count: number): string {
  if (count > 1) return say('lesson.fact.hidden.many', { count });
  return say(count === 1 ? 'lesson.fact.hidden.one' : 'lesson.fact.hidden.none');
}

export function factsOf(state: AppState, { kind, stage }: LessonPlace, answer: LessonAnswer): readonly string[] {
  const { numbers, activation } = answer;
  const facts: string[] = [];
  const { scale, hidden, isPostNorm, keyToken, isSinusoid } = numbers;
  if (scale !== undefined) facts.push(say('lesson.fact.scale', { scale: shownNumber(scale) }));
  if (hidden !== undefined) facts.push(hiddenFact(hidden));
  const isJoined = stage === 'residual' || stage === 'layerEnd';
  if (isJoined && isPostNorm !== undefined)
    facts.push(say(isPostNorm === 1 ? 'lesson.fact.postNorm' : 'lesson.fact.preNorm'));
  const isShuffled = state.view.lessonPlay?.change === 'positions';
  if (isSinusoid !== undefined && !isShuffled)
    facts.push(say(isSinusoid === 1 ? 'lesson.fact.sinusoid' : 'lesson.fact.learnedPlaces'));
  if (activation !== '') facts.push(say('lesson.fact.activation', { name: activation }));
  if (stage === 'vectors' && kind === 'cross' && keyToken !== undefined)
    facts.push(say('lesson.fact.keyToken', { token: tokenLabel(tokensOf(state.snapshot, 'source')[keyToken]) }));
  return facts;
}

/** What many models do without. */
const OPTIONAL = new Set(['segments', 'lastNorm', 'positions', 'rotaryCosines', 'rotarySines', 'scoreBias']);

/** What was computed again, and what is not there, a sentence each. */
export function checksOf({ checks, gaps }: LessonAnswer): readonly string[] {
  const reasons = new Set(gaps.filter(({ measure }) => !OPTIONAL.has(measure)).map(({ reason }) => reason));
  return [
    ...checks.map(({ name, difference, largest, reason }) =>
      difference === null
        ? say('lesson.unchecked', { name: tensorName(name), reason })
        : say('lesson.check', {
            name: tensorName(name),
            difference: difference.toExponential(1),
            largest: largest.toPrecision(3),
          }),
    ),
    ...[...reasons].map((reason) => say('lesson.gone', { reason })),
  ];
}

const indexOfMost = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, index, all) => (value > (all[best] ?? -Infinity) ? index : best), 0);

/** A question and its answer; null at stations without one. */
export function questionOf(
  state: AppState,
  { kind, stage, token }: LessonPlace,
  { tensors, numbers, top }: LessonAnswer,
): HTMLElement | null {
  const data = (name: string): Float32Array => tensors.find((one) => one.name === name)?.data ?? new Float32Array();
  const own = tokensOf(state.snapshot, followed(kind));
  const keys = kind === 'cross' ? tokensOf(state.snapshot, 'source') : own;
  const label = tokenLabel(own[token]);
  const asked = (question: string, reply: string): HTMLElement =>
    el('details', { class: 'lesson-question' }, el('summary', {}, question), el('p', {}, reply));
  switch (stage) {
    case 'softmax': {
      const weights = data('weights');
      const best = indexOfMost(weights);
      const reply = { other: tokenLabel(keys[best]), value: shownNumber(weights[best] ?? 0) };
      return asked(say('lesson.ask.softmax', { token: label }), say('lesson.reply.softmax', reply));
    }
    case 'mask': {
      const reply = { count: numbers['hidden'] ?? 0, all: data('masked').length };
      return asked(say('lesson.ask.mask', { token: label }), say('lesson.reply.mask', reply));
    }
    case 'feedForward': {
      const inner = data('inner');
      const count = inner.filter((value) => Math.abs(value) > 1e-6).length;
      const reply = { count, all: inner.length, place: indexOfMost(inner.map(Math.abs)) + 1 };
      return asked(say('lesson.ask.feedForward'), say('lesson.reply.feedForward', reply));
    }
    case 'heads': {
      const heads = tensors.find(({ name }) => name === 'heads');
      const lengths = Array.from({ length: heads?.rows ?? 0 }, (_, row) =>
        (heads?.data ?? new Float32Array())
          .subarray(row * (heads?.columns ?? 0), (row + 1) * (heads?.columns ?? 0))
          .reduce((sum, value) => sum + value * value, 0),
      );
      return asked(say('lesson.ask.heads'), say('lesson.reply.heads', { head: indexOfMost(lengths) + 1 }));
    }
    case 'logits': {
      const [best] = top;
      const share = softmax(data('logits'))[best?.id ?? 0] ?? 0;
      const reply = { other: textLabel(best?.text ?? ''), value: percent(share) };
      return asked(say('lesson.ask.logits', { token: label }), say('lesson.reply.logits', reply));
    }
    default:
      return null;
  }
}
