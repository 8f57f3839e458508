/** Lists inside a sentence, as the language of the sentences writes them. */
import { language } from './say';

/** `a, b, c` */
export const listOf = (items: readonly string[]): string =>
  new Intl.ListFormat(language(), { type: 'unit' }).format(items);

/** `a, b, or c` */
export const anyOf = (items: readonly (string | number)[]): string =>
  new Intl.ListFormat(language(), { type: 'disjunction' }).format(items.map(String));
