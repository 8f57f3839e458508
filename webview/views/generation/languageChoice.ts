/** The language that a model is to write, by the token that is forced to come first. */
import type { LanguageToken } from '../../../src/protocol/engine';
import { language, say } from '../../../src/text/say';
import { dropdown } from '../../controls/dropdown';
import { el } from '../../dom';

/** A language's name with its code: `French (fra_Latn)`; the code alone where it has no name here. */
function nameOf(code: string, names: Intl.DisplayNames): string {
  // mBART's `fr_XX`: no region.
  const tag = code.replace(/_XX$/, '').replace('_', '-');
  try {
    const name = names.of(tag);
    return name === undefined || name === tag ? code : say('webview.decoding.language', { name, code });
  } catch {
    return code;
  }
}

export interface LanguageChoice {
  readonly element: HTMLElement;
  /** The token's id; -1 for none. */
  value(): number;
  set(languages: readonly LanguageToken[], forced: number): void;
}

export function languageChoice(): LanguageChoice {
  const names = new Intl.DisplayNames([language()], { type: 'language', fallback: 'none' });
  let ids: readonly number[] = [-1];
  let chosen = -1;
  const label = say('webview.decoding.targetLanguage');
  const list = dropdown(label, (index) => (chosen = ids[index] ?? -1));
  list.element.title = say('webview.decoding.aboutTargetLanguage');
  const element = el('div', { class: 'setting' }, el('span', {}, label), list.element);
  return {
    element,
    value: () => chosen,
    set(languages, forced) {
      element.hidden = languages.length === 0;
      chosen = forced;
      const named = languages
        .map(({ id, code }) => ({ id, name: nameOf(code, names) }))
        .sort((one, other) => one.name.localeCompare(other.name, language()));
      // A model may force another token than one of a language.
      const isOther = forced >= 0 && !languages.some(({ id }) => id === forced);
      const first = [
        { id: -1, name: say('webview.decoding.noLanguage') },
        ...(isOther ? [{ id: forced, name: say('webview.decoding.otherToken', { id: forced }) }] : []),
      ];
      ids = [...first, ...named].map(({ id }) => id);
      list.set(
        [...first, ...named].map(({ name }) => name),
        ids.indexOf(forced),
      );
    },
  };
}
