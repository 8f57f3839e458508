import { makeTextField } from './toolkit';

export interface TextFieldControl {
  readonly element: HTMLElement;
  value(): string;
}

/** A one-line field; `enter` is called with its text when Enter is pressed. */
export function textField(label: string, placeholder: string, enter: (text: string) => void): TextFieldControl {
  const element = makeTextField();
  element.setAttribute('aria-label', label);
  element.placeholder = placeholder;
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) enter(element.value);
  });
  return { element, value: () => element.value };
}
