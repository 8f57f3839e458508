import { el } from '../../dom';
import { newId } from '../view';

export interface Section {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;
  readonly header: HTMLElement;
  readonly body: HTMLElement;
}

/** A titled part of the panel; what follows the title stands in the same line. */
export function section(title: string, ...beside: readonly (Node | null)[]): Section {
  const id = newId('section');
  const heading = el('h2', { id }, title);
  const header = el('div', { class: 'section-header' }, heading, ...beside);
  const body = el('div', { class: 'section-body' });
  const element = el('section', { class: 'section', aria: { labelledby: id } }, header, body);
  return { element, heading, header, body };
}
