/** Which part of a text is explained, where the text is longer than the model takes. */
import type { TextWindow } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { numberField } from '../../controls/numberField';
import { el } from '../../dom';

/**
 * A field for the first token of the part, and buttons for the parts before and after it. One number, and not a list of
 * all parts: a text can have twenty thousand of them.
 * @param choose takes the first token of the part to explain, from 0
 */
export function windowField({ totalTokens, start, end }: TextWindow, choose: (start: number) => void): HTMLElement {
  const length = Math.max(1, end - start);
  /** The last part is as long as the others. */
  const last = Math.max(0, totalTokens - length);
  const go = (to: number): void => choose(Math.max(0, Math.min(last, to)));
  const field = numberField(say('webview.window.first'), (first) => go(first - 1));
  field.set(start + 1, totalTokens);
  const before = button({
    label: say('webview.window.before'),
    icon: 'chevron-left',
    iconOnly: true,
    press: () => go(start - length),
  });
  const after = button({
    label: say('webview.window.after'),
    icon: 'chevron-right',
    iconOnly: true,
    press: () => go(start + length),
  });
  before.enable(start > 0);
  after.enable(end < totalTokens);
  return el(
    'span',
    { class: 'window-field', role: 'group', aria: { label: say('webview.window.which') } },
    before.element,
    field.element,
    after.element,
  );
}
