/** A station's picture: strips of numbers, or a bar for each token, whatever its answer has. */
import { softmax } from '../../../src/lesson/arithmetic';
import { followed } from '../../../src/lesson/stations';
import type { Token } from '../../../src/attention/types';
import type { LessonAnswer, LessonTensor } from '../../../src/protocol/lesson';
import type { LessonPlace } from '../../../src/protocol/lessonPlace';
import { say, type PlainKey } from '../../../src/text/say';
import { el, setText } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';
import { strip } from './strip';
import { tokenBars } from './tokenBars';

/** What is shown of an answer; the rest is what numbers are made of. */
const SHOWN: Readonly<Record<string, PlainKey>> = {
  embedding: 'lesson.tensor.embedding',
  position: 'lesson.tensor.position',
  segment: 'lesson.tensor.segment',
  queryInput: 'lesson.tensor.queryInput',
  query: 'lesson.tensor.query',
  key: 'lesson.tensor.key',
  value: 'lesson.tensor.value',
  scores: 'lesson.tensor.scores',
  masked: 'lesson.tensor.masked',
  weights: 'lesson.tensor.weights',
  headOutput: 'lesson.tensor.headOutput',
  heads: 'lesson.tensor.heads',
  projected: 'lesson.tensor.projected',
  stream: 'lesson.tensor.stream',
  added: 'lesson.tensor.added',
  sum: 'lesson.tensor.sum',
  normed: 'lesson.tensor.normed',
  input: 'lesson.tensor.input',
  inner: 'lesson.tensor.inner',
  output: 'lesson.tensor.output',
  after: 'lesson.tensor.after',
  states: 'lesson.tensor.states',
};
/** A number for each key. */
const BY_TOKEN = new Set(['scores', 'masked', 'weights']);

export const tensorName = (name: string): string => {
  const key = SHOWN[name];
  return key ? say(key) : say('lesson.tensor.logits');
};

export type Looked = (name: string, index: number) => void;

/** @param looked is told which number the reader looks at */
export function picture(state: AppState, place: LessonPlace, answer: LessonAnswer, looked: Looked): HTMLElement {
  const own = tokensOf(state.snapshot, followed(place.kind));
  const keys = place.kind === 'cross' ? tokensOf(state.snapshot, 'source') : own;
  const parts = answer.tensors
    .filter(({ name }) => name in SHOWN)
    .flatMap((tensor) =>
      BY_TOKEN.has(tensor.name)
        ? [
            el('h4', {}, tensorName(tensor.name)),
            tokenBars({
              label: tensorName(tensor.name),
              tokens: keys,
              values: tensor.data,
              looked: (index) => looked(tensor.name, index),
            }),
          ]
        : strips(state, place, tensor, own, looked),
    );
  return el('div', { class: 'lesson-picture' }, ...parts, place.stage === 'logits' && likeliest(answer));
}

function strips(
  { palette }: AppState,
  { stage, token }: LessonPlace,
  { name, rows, columns, first, data }: LessonTensor,
  tokens: readonly Token[],
  looked: Looked,
): readonly HTMLElement[] {
  const most = data.reduce((all, value) => Math.max(all, Math.abs(value)), 0);
  return Array.from({ length: rows }, (_, row) => {
    const isHead = stage === 'heads';
    const of = isHead ? say('lesson.attention.head', { head: row + 1 }) : tokenLabel(tokens[first + row]);
    const label = rows > 1 ? say('lesson.rowOf', { name: tensorName(name), token: of }) : tensorName(name);
    const isOwn = rows === 1 || first + row === token || isHead;
    return el(
      'div',
      { class: isOwn ? 'lesson-row own' : 'lesson-row' },
      el('span', { class: 'lesson-row-name' }, el('bdi', {}, rows > 1 ? of : label)),
      strip({
        label,
        values: data.subarray(row * columns, (row + 1) * columns),
        most,
        palette,
        looked: (index) => {
          if (isOwn) looked(name, isHead ? row * columns + index : index);
        },
      }),
    );
  });
}

/** The likeliest tokens at a temperature that the reader moves. */
function likeliest({ tensors, top }: LessonAnswer): HTMLElement {
  const logits = tensors.find(({ name }) => name === 'logits')?.data ?? new Float32Array();
  const list = el('ol', { class: 'lesson-top' });
  const caption = el('span', {});
  const show = (temperature: number): void => {
    const shares = softmax(logits, temperature);
    setText(caption, say('lesson.temperatureIs', { value: temperature.toFixed(2) }));
    list.replaceChildren(
      ...top.map(({ id, text }) => {
        const share = shares[id] ?? 0;
        const bar = el('span', { class: 'lesson-bar' });
        bar.style.width = `${100 * share}%`;
        return el(
          'li',
          { class: 'lesson-number' },
          el('bdi', { class: 'lesson-token' }, textLabel(text)),
          el('span', { class: 'lesson-track', aria: { hidden: true } }, bar),
          el('span', { class: 'number' }, percent(share)),
        );
      }),
    );
  };
  const slider = el('input', { aria: { label: say('lesson.temperature') } });
  slider.type = 'range';
  slider.min = '0.1';
  slider.max = '3';
  slider.step = '0.05';
  slider.value = '1';
  slider.addEventListener('input', () => show(slider.valueAsNumber));
  show(1);
  return el('div', {}, el('h4', {}, say('lesson.top')), el('label', { class: 'lesson-slider' }, caption, slider), list);
}
