/** What tokens spell together. */
import type { Token } from '../../attention/types';

/** Where a token stands in a text: UTF-16 offsets [start, end), or -1 and -1. */
export type TokenPlace = Pick<Token, 'start' | 'end'>;

/**
 * The text that tokens spell, and where each stands in it. Special tokens spell nothing. A character of which several
 * tokens have some bytes is spelled once, and all of them stand at it.
 */
export function spellingOf(tokens: readonly Pick<Token, 'text' | 'special' | 'parts'>[]): {
  readonly text: string;
  readonly places: readonly TokenPlace[];
} {
  const places: TokenPlace[] = [];
  let text = '';
  for (const { text: own, special, parts = [] } of tokens) {
    if (special) {
      places.push({ start: -1, end: -1 });
      continue;
    }
    const [first = ''] = own;
    const goesOn = (parts[0]?.index ?? 1) > 1 && first !== '' && text.endsWith(first);
    const start = text.length - (goesOn ? first.length : 0);
    text += goesOn ? own.slice(first.length) : own;
    places.push({ start, end: text.length });
  }
  return { text, places };
}
