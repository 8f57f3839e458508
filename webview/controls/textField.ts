import { makeTextField } from './toolkit';

export interface TextFieldControl {
  readonly element: HTMLElement;
  value(): string;
  /** Stops watching the field. */
  readonly dispose: () => void;
}

/** A one-line field; `enter` is called with its text when Enter is pressed. */
export function textField(label: string, placeholder: string, enter: (text: string) => void): TextFieldControl {
  const element = makeTextField();
  // The toolkit calls a field without visible text “Text field” each time it comes into the page, and gives the input
  // inside the name that the field has.
  const name = (): void => {
    if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
  };
  name();
  const observer = new MutationObserver(name);
  observer.observe(element, { attributeFilter: ['aria-label'] });
  element.placeholder = placeholder;
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) enter(element.value);
  });
  return { element, value: () => element.value, dispose: () => observer.disconnect() };
}
