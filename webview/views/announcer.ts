/** Tells a screen reader what has happened: a live region of its own, so that text which only changes for the eye is not read out. */
import { el, setText } from '../dom';

export interface Announcer {
  readonly element: HTMLElement;
  /** Says a sentence; the same one twice in a row is said once. */
  say(sentence: string): void;
}

/** Makes such a region; its element must stand in the page before anything is said. */
export function announcer(): Announcer {
  const element = el('span', { class: 'unseen', role: 'status', aria: { live: 'polite' } });
  return { element, say: (sentence) => setText(element, sentence) };
}
