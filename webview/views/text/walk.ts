/** Walking through a text that is longer than what is read of it: its sentences as a list, and steps by sentence and paragraph. */
import type { TextWalk } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { count } from '../../format';
import { view } from '../view';

/** Where each step leads to: a token to begin at, null where there is nothing more. */
function stepsOf({ near, first, current, through, paragraphBefore, paragraphAfter }: TextWalk): readonly {
  readonly key: 'paragraphBefore' | 'sentenceBefore' | 'sentenceAfter' | 'paragraphAfter';
  readonly icon: string;
  readonly to: number | null;
}[] {
  const at = (sentence: number): number | null => near[sentence - first]?.start ?? null;
  return [
    { key: 'paragraphBefore', icon: 'fold-up', to: paragraphBefore },
    { key: 'sentenceBefore', icon: 'chevron-up', to: at(current - 1) },
    { key: 'sentenceAfter', icon: 'chevron-down', to: at(Math.max(current, through) + 1) },
    { key: 'paragraphAfter', icon: 'fold-down', to: paragraphAfter },
  ];
}

export const walkView = view((app, scope) => {
  const where = el('span', { class: 'walk-where' });
  const steps = el('span', { class: 'walk-steps', role: 'group', aria: { label: say('webview.walk.steps') } });
  const list = el('ol', { class: 'walk-list', aria: { label: say('webview.walk.list') } });
  const element = el('nav', { class: 'walk', aria: { label: say('webview.walk.title') } }, where, steps, list);
  const go = (start: number): void => app.act(app.api.chooseWindow({ start }));

  let shown: TextWalk | undefined;
  scope.draw(() => {
    const walk = app.state.snapshot?.window?.walk;
    // A text of one sentence has nowhere to walk to.
    const leads = walk !== undefined && walk.sentences > 1;
    element.hidden = !leads;
    if (walk === shown) return;
    shown = walk;
    if (!leads) return;
    const { sentences, current, through, first, near } = walk;
    const gaps = { from: count(current + 1), to: count(through + 1), all: count(sentences) };
    setText(where, say(current === through ? 'webview.walk.one' : 'webview.walk.several', gaps));
    steps.replaceChildren(
      ...stepsOf(walk).map(({ key, icon, to }) => {
        const step = button({
          label: say(`webview.walk.${key}`),
          icon,
          iconOnly: true,
          press: () => to !== null && go(to),
        });
        step.enable(to !== null);
        return step.element;
      }),
    );
    list.setAttribute('start', String(first + 1));
    let paragraph = near[0]?.paragraph;
    const items = near.map((sentence, index) => {
      const isRead = first + index >= current && first + index <= through;
      const choose = el('button', { class: 'walk-sentence' }, el('bdi', {}, sentence.text));
      if (isRead) choose.setAttribute('aria-current', 'true');
      choose.addEventListener('click', () => go(sentence.start));
      const item = el('li', { class: sentence.paragraph === paragraph ? 'walk-item' : 'walk-item begins' }, choose);
      paragraph = sentence.paragraph;
      return item;
    });
    list.replaceChildren(...items);
    const here = items[current - first];
    if (here) list.scrollTop = here.offsetTop - list.offsetTop - list.clientHeight / 2;
  });
  return element;
});
