/** Sentences whose gaps are filled with nodes: a token in isolation from the text's direction, a number in bold. */
import { say, type SentenceKey } from '../src/text/say';

/** Put round a gap's number to find the gap again in the finished sentence; no sentence holds this character. */
const MARK = '\u0001';

/** The sentence as text and nodes in its own order, which a translation may change. */
export function sentence(key: SentenceKey, gaps: Readonly<Record<string, Node | string>>): readonly (Node | string)[] {
  const names = Object.keys(gaps);
  const marked = Object.fromEntries(names.map((name, index) => [name, `${MARK}${index}${MARK}`]));
  // Which gaps a sentence has is checked where its key is known; here it is any key.
  const text = (say as (key: SentenceKey, gaps: Readonly<Record<string, string>>) => string)(key, marked);
  return text.split(MARK).map((part, at) => (at % 2 === 0 ? part : (gaps[names[Number(part)] ?? ''] ?? '')));
}
