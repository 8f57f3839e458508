import { icon, setText } from '../dom';
import { makeButton } from './toolkit';

export interface ButtonOptions {
  readonly label: string;
  /** A codicon's name. */
  readonly icon?: string;
  /** Shows only the icon; the label becomes its name and its tooltip. */
  readonly iconOnly?: boolean;
  readonly primary?: boolean;
  readonly title?: string;
  readonly press: () => void;
}

export interface ButtonControl {
  readonly element: HTMLElement;
  enable(enabled: boolean): void;
  setLabel(label: string): void;
}

/** A button of VS Code's look. */
export function button(options: ButtonOptions): ButtonControl {
  const element = makeButton();
  // A text node and not a span: the toolkit gives every slotted span an icon's size.
  const text = document.createTextNode('');
  const show = (label: string): void => {
    if (options.iconOnly === true) {
      // The toolkit copies aria-label to the focusable button inside.
      element.setAttribute('aria-label', label);
      element.title = options.title ?? label;
    } else setText(text, label);
  };
  const filled = options.primary === true ? 'primary' : 'secondary';
  element.appearance = options.iconOnly === true ? 'icon' : filled;
  if (options.iconOnly !== true && options.title !== undefined) element.title = options.title;
  if (options.icon !== undefined) {
    const glyph = icon(options.icon);
    if (options.iconOnly !== true) glyph.slot = 'start';
    element.append(glyph);
  }
  if (options.iconOnly !== true) element.append(text);
  show(options.label);
  element.addEventListener('click', () => {
    if (!element.disabled) options.press();
  });
  return {
    element,
    enable: (enabled) => {
      if (element.disabled === enabled) element.disabled = !enabled;
    },
    setLabel: show,
  };
}
