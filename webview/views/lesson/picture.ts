/** A station's picture: strips of numbers, or a bar for each token, whatever its answer has. */
import { softmax } from '../../../src/lesson/arithmetic';
import { rowsAreHeads } from '../../../src/lesson/made';
import { followed } from '../../../src/lesson/stations';
import type { SequenceName, Token } from '../../../src/attention/types';
import type { LessonAnswer, LessonTensor } from '../../../src/protocol/answers/lessonAnswers';
import type { LessonPlace } from '../../../src/protocol/lessonPlace';
import { say, type PlainKey } from '../../../src/text/say';
import { el, setText } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';
import { distanceText } from './madeText';
import { beforeOf, isChanged } from './changed';
import { shownNumber, strip } from './strip';
import { tokenBars } from './tokenBars';

/** A sequence's tokens, with the word that was put in place of another one. */
function tokensRead(state: AppState, sequence: SequenceName, { swapped }: LessonAnswer): readonly Token[] {
  const tokens = tokensOf(state.snapshot, sequence);
  if (swapped?.sequence !== sequence) return tokens;
  return tokens.map((token, index) => (index === swapped.index ? { ...token, text: swapped.text } : token));
}

/** What is shown of an answer; the rest is what numbers are made of. */
const SHOWN: Readonly<Record<string, PlainKey>> = {
  embedding: 'lesson.tensor.embedding',
  position: 'lesson.tensor.position',
  angle: 'lesson.tensor.angle',
  distance: 'lesson.tensor.distance',
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
  const own = tokensRead(state, followed(place.kind), answer);
  const keys = place.kind === 'cross' ? tokensRead(state, 'source', answer) : own;
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
              before: beforeOf(answer, tensor.name),
              looked: (index) => looked(tensor.name, index),
            }),
          ]
        : strips(state, place, tensor, { tokens: own, before: beforeOf(answer, tensor.name), looked }),
    );
  return el(
    'div',
    { class: 'lesson-picture' },
    ...parts,
    place.stage === 'logits' && likeliest(answer),
    nearest(answer),
    place.stage === 'forcing' && passAndSteps(state, answer),
  );
}

function strips(
  { palette }: AppState,
  { stage, token }: LessonPlace,
  { name, rows, columns, first, data }: LessonTensor,
  {
    tokens,
    before,
    looked,
  }: { readonly tokens: readonly Token[]; readonly before: Float32Array | undefined; readonly looked: Looked },
): readonly HTMLElement[] {
  const most = data.reduce((all, value) => Math.max(all, Math.abs(value)), 0);
  return Array.from({ length: rows }, (_, row) => {
    const cut = (numbers: Float32Array): Float32Array => numbers.subarray(row * columns, (row + 1) * columns);
    const was = before && cut(before);
    const isOther = was !== undefined && cut(data).some((value, index) => isChanged(value, was[index] ?? 0));
    const isHead = rowsAreHeads(stage, name);
    const of = isHead ? say('lesson.attention.head', { head: row + 1 }) : tokenLabel(tokens[first + row]);
    const label = rows > 1 ? say('lesson.rowOf', { name: tensorName(name), token: of }) : tensorName(name);
    const shown = rows > 1 ? of : label;
    const isOwn = rows === 1 || first + row === token || isHead;
    return el(
      'div',
      { class: `lesson-row${isOwn ? ' own' : ''}${isOther ? ' changed' : ''}` },
      el('span', { class: 'lesson-row-name' }, el('bdi', {}, isOther ? say('lesson.changed', { name: shown }) : shown)),
      strip({
        label: isOther ? say('lesson.changed', { name: label }) : label,
        values: cut(data),
        before: isOther ? was : undefined,
        most,
        palette,
        of: name === 'distance' ? (index) => distanceText(index - token) : undefined,
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

/** The tokens whose rows of the model's table point most the same way; nothing at other stations. */
function nearest({ near }: LessonAnswer): HTMLElement | false {
  if (near.length === 0) return false;
  return el(
    'div',
    {},
    el('h4', {}, say('lesson.near')),
    el(
      'ol',
      { class: 'lesson-top lesson-near' },
      ...near.map(({ text, cosine }) => {
        const bar = el('span', { class: cosine < 0 ? 'lesson-bar below' : 'lesson-bar' });
        bar.style.width = `${100 * Math.abs(cosine)}%`;
        return el(
          'li',
          { class: 'lesson-number' },
          el('bdi', { class: 'lesson-token' }, textLabel(text)),
          el('span', { class: 'lesson-track', aria: { hidden: true } }, bar),
          el('span', { class: 'number' }, shownNumber(cosine)),
        );
      }),
    ),
  );
}

/** Each written token's probability as the steps gave it, one after another, and as one pass over all of them gives it. */
function passAndSteps({ snapshot }: AppState, answer: LessonAnswer): HTMLElement | false {
  const forced = answer.tensors.find(({ name }) => name === 'forced')?.data;
  const steps = snapshot?.steps ?? [];
  if (!forced || steps.length === 0) return false;
  return el(
    'table',
    { class: 'lesson-table' },
    el(
      'tr',
      {},
      ...[say('lesson.forced.token'), say('lesson.forced.step'), say('lesson.forced.pass')].map((name) =>
        el('th', {}, name),
      ),
    ),
    ...steps.map(({ index, chosen: { text, probability } }) =>
      el(
        'tr',
        {},
        el('td', {}, el('bdi', {}, textLabel(text))),
        el('td', { class: 'number' }, percent(probability)),
        el('td', { class: 'number' }, percent(forced[index] ?? 0)),
      ),
    ),
  );
}
