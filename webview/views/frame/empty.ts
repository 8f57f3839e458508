/** What to do when there is nothing yet. */
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';
import { view, type View } from '../view';

/** How long an empty panel says nothing, in milliseconds: the host usually answers before, and a sentence would only flash. */
const PATIENCE = 700;

export const emptyView = (text: string): View =>
  view((app, scope) => {
    const line = el('p', {}, text);
    const open = button({
      label: say('webview.empty.explain'),
      icon: 'sparkle',
      primary: true,
      press: () => app.act(app.api.command({ name: 'explain' })),
    });
    const element = el('div', { class: 'empty' }, icon('type-hierarchy-sub'), line, open.element);
    const hint = (): string => {
      const { connected, failure } = app.state;
      if (!connected && !failure) return say('webview.empty.waiting');
      return failure?.message ?? text;
    };
    let late = false;
    const draw = (): void => {
      const { snapshot, connected, failure } = app.state;
      const waiting = !connected && !failure;
      element.hidden = snapshot !== null || (waiting && !late);
      open.element.hidden = waiting;
      setText(line, hint());
    };
    scope.draw(draw);
    scope
      .timer(() => {
        late = true;
        draw();
      }, PATIENCE)
      .start();
    return element;
  });
