/** The map of the model: its parts in their order, each with its stations; a click or the arrow keys go there. */
import type { Part } from '../../../src/lesson/stations';
import { say } from '../../../src/text/say';
import { el, setAttribute } from '../../dom';
import { partsIn, placeAt } from '../../state/lesson/lessonPlaces';
import { view } from '../view';

export const lessonMap = view((app, scope) => {
  const list = el('div', { class: 'lesson-parts' });
  const element = el('nav', { class: 'lesson-map', aria: { label: say('lesson.map') } }, list);
  let shown = '';
  const buttons = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('.lesson-station')];
  scope.listen(list, 'keydown', (event) => {
    // With Alt the keys are the whole lesson's.
    if (event.altKey) return;
    const all = buttons();
    const at = all.findIndex((button) => button === document.activeElement);
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const ends = { Home: 0, End: all.length - 1 }[event.key];
    const to = by === undefined ? ends : Math.max(0, Math.min(all.length - 1, at + by));
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    all[to]?.focus();
    all[to]?.click();
  });
  scope.draw(() => {
    const { snapshot, view: shownView, lessonAbsent } = app.state;
    const { lesson } = shownView;
    if (!snapshot?.model || !lesson) return;
    const parts = partsIn(app.state);
    const names = parts.map(({ name, kind }) => `${name} ${kind}`).join();
    if (names !== shown) {
      shown = names;
      list.replaceChildren(
        ...parts.map(({ name, kind, stages }) =>
          el(
            'section',
            { class: `lesson-part ${name}` },
            el('h3', {}, say(partKey(name, kind))),
            ...stages.map((stage) =>
              el(
                'button',
                {
                  class: 'lesson-station',
                  data: { kind, stage },
                  on: {
                    click: () => {
                      const from = app.state.view.lesson;
                      if (from) app.setView({ lesson: placeAt(app.state, from, { kind, stage }) });
                    },
                  },
                },
                say(`lesson.name.${stage}`),
              ),
            ),
          ),
        ),
      );
    }
    for (const button of buttons()) {
      const is = button.dataset['kind'] === lesson.kind && button.dataset['stage'] === lesson.stage;
      setAttribute(button, 'aria-current', is ? 'step' : null);
      button.tabIndex = is ? 0 : -1;
      const gap = lessonAbsent.find(
        ({ kind, stage }) => button.dataset['kind'] === kind && button.dataset['stage'] === stage,
      );
      button.classList.toggle('absent', gap !== undefined);
      const reason = gap ? say('lesson.gone', { reason: gap.reason }) : null;
      setAttribute(button, 'title', reason);
      setAttribute(button, 'aria-description', reason);
    }
  });
  return element;
});

type PartKey =
  | 'lesson.part.input.encoder'
  | 'lesson.part.attention.encoder'
  | 'lesson.part.block.encoder'
  | 'lesson.part.input.decoder'
  | 'lesson.part.attention.decoder'
  | 'lesson.part.attention.cross'
  | 'lesson.part.block.decoder'
  | 'lesson.part.output.decoder';

/** The sentence that names a part. */
export function partKey(name: Part['name'], kind: string): PartKey {
  switch (name) {
    case 'input':
      return kind === 'encoder' ? 'lesson.part.input.encoder' : 'lesson.part.input.decoder';
    case 'block':
      return kind === 'encoder' ? 'lesson.part.block.encoder' : 'lesson.part.block.decoder';
    case 'output':
      return 'lesson.part.output.decoder';
    case 'attention':
      if (kind === 'cross') return 'lesson.part.attention.cross';
      return kind === 'encoder' ? 'lesson.part.attention.encoder' : 'lesson.part.attention.decoder';
  }
}
