/** Stations that show what is known of the text already: its tokens, and the steps in which it was written. */
import { followed } from '../../../src/lesson/stations';
import type { LessonPlace } from '../../../src/protocol/lessonPlace';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';

export function knownPicture(state: AppState, { kind, stage, token }: LessonPlace): HTMLElement {
  const { snapshot } = state;
  const tokens = tokensOf(snapshot, followed(kind));
  const steps = snapshot?.steps ?? [];
  if (stage === 'tokens')
    return el(
      'ol',
      { class: 'lesson-tokens' },
      ...tokens.map((one, index) => {
        const label = tokenLabel(one);
        return el(
          'li',
          {
            class: index === token ? 'lesson-piece own' : 'lesson-piece',
            title: say('lesson.fact.id', { token: label, id: one.id }),
          },
          el('bdi', {}, label),
          el('span', { class: 'number' }, String(one.id)),
        );
      }),
    );
  if (stage === 'next') {
    const step = steps.find(({ index }) => index === token + 1);
    if (!step) return el('p', { class: 'hint' }, say('lesson.fact.notWritten'));
    return el(
      'ol',
      { class: 'lesson-top' },
      ...step.top.map(({ id, text, probability }) => {
        const bar = el('span', { class: 'lesson-bar' });
        bar.style.width = `${100 * probability}%`;
        return el(
          'li',
          { class: id === step.chosen.id ? 'lesson-number own' : 'lesson-number' },
          el('bdi', { class: 'lesson-token' }, textLabel(text)),
          el('span', { class: 'lesson-track', aria: { hidden: true } }, bar),
          el('span', { class: 'number' }, percent(probability)),
        );
      }),
    );
  }
  return el(
    'div',
    {},
    el('p', {}, say('lesson.fact.steps')),
    el(
      'ol',
      { class: 'lesson-steps' },
      ...steps.map(({ chosen: { text, probability } }) =>
        el('li', {}, el('bdi', {}, say('lesson.fact.chosen', { token: textLabel(text), share: percent(probability) }))),
      ),
    ),
  );
}
