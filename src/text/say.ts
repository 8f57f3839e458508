/**
 * Every sentence that a person reads, by key: whole, with named gaps, so that a translator sees it as the reader does.
 * Host, worker and webview say the same things; a translation is a table of the same keys, set once where they start.
 */
import { SENTENCES } from './sentences';

export type SentenceKey = keyof typeof SENTENCES;

/** The names of the gaps in a sentence: `'{count} of {all}'` has count and all. */
type GapNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | GapNames<Rest>
  : never;
type Gaps<Key extends SentenceKey> = GapNames<(typeof SENTENCES)[Key]>;

/** The keys of sentences without gaps, for what holds a key and says it later. */
export type PlainKey = { [Key in SentenceKey]: [Gaps<Key>] extends [never] ? Key : never }[SentenceKey];

/** What fills the gaps; a sentence without gaps takes nothing. */
type Filling<Key extends SentenceKey> = [Gaps<Key>] extends [never]
  ? []
  : [gaps: Readonly<Record<Gaps<Key>, string | number>>];

export type Translation = Readonly<Partial<Record<string, string>>>;

let translation: Translation = {};
let spoken = 'en';

/**
 * Says everything in another language from now on; a key that the table lacks is said in English.
 * @param as the language's BCP 47 tag
 */
export function translate(table: Translation, as = 'en'): void {
  translation = table;
  spoken = as;
}

/** The BCP 47 tag of the language that sentences are said in: what a page must call its own. */
export const language = (): string => spoken;

/** A count as that language writes it: `1,024`. */
export const counted = (value: number): string => value.toLocaleString(spoken);

/** The sentence of this key with its gaps filled. What fills a gap is text, and is never read as a gap itself. */
export function say<Key extends SentenceKey>(key: Key, ...filling: Filling<Key>): string {
  const text: string = translation[key] ?? SENTENCES[key];
  const gaps: Readonly<Record<string, string | number>> = filling[0] ?? {};
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => String(Object.hasOwn(gaps, name) ? gaps[name] : gap));
}
