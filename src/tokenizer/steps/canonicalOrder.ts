/**
 * Unicode normalisation (UAX #15) of one character with very many combining marks, in linear time: JavaScript's own
 * takes the square of their number. It has no table of combining classes, but what it does with two marks tells their
 * order, and what it does with two characters tells whether they compose.
 */

/** The four normalisation forms, as Unicode names them. */
export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Marks of one combining class; ranks count from 1 in the order of the classes. */
interface MarkClass {
  readonly example: string;
  rank: number;
}

/** Marks of combining classes 1 and 240, the first and the last: between them every mark that moves can be placed. */
const FIRST = '\u0334';
const LAST = '\u0345';

const classes: MarkClass[] = [];
const classOf = new Map<string, MarkClass | null>();
const composed = new Map<string, string | null>();
/** Nothing is remembered beyond this, so that no text makes it grow without measure. */
const MOST_KEPT = 20_000;

/** True where Unicode puts the first of two marks after the second. */
const isAfter = (one: string, other: string): boolean =>
  one !== other && (one + other).normalize('NFD') === other + one;

/** The class of a character without decomposition; null for those that never move. */
function findClass(character: string): MarkClass | null {
  if (!isAfter(LAST, character) && !isAfter(character, FIRST)) return null;
  let low = 0;
  let high = classes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(character, classes[middle]?.example ?? FIRST)) low = middle + 1;
    else high = middle;
  }
  const next = classes[low];
  if (next && !isAfter(next.example, character)) return next;
  const found = { example: character, rank: 0 };
  classes.splice(low, 0, found);
  classes.forEach((one, index) => (one.rank = index + 1));
  return found;
}

function markClass(character: string): MarkClass | null {
  const known = classOf.get(character);
  if (known !== undefined) return known;
  const found = findClass(character);
  if (classOf.size < MOST_KEPT) classOf.set(character, found);
  return found;
}

/** The one character that two compose to, or null. */
function compose(first: string, second: string): string | null {
  const pair = first + second;
  const known = composed.get(pair);
  if (known !== undefined) return known;
  const normal = pair.normalize('NFC');
  const single = normal.length === String.fromCodePoint(normal.codePointAt(0) ?? 0).length ? normal : null;
  if (composed.size < MOST_KEPT) composed.set(pair, single);
  return single;
}

function decompose(text: string, form: 'NFD' | 'NFKD'): string[] {
  const characters: string[] = [];
  for (const character of text) for (const part of character.normalize(form)) characters.push(part);
  return characters;
}

/** Puts every run of marks in the order of their classes; those of one class keep theirs. */
function order(characters: readonly string[]): string[] {
  const ordered: string[] = [];
  let run: (readonly [string, MarkClass])[] = [];
  const flush = (): void => {
    const buckets: string[][] = [];
    for (const [character, { rank }] of run) (buckets[rank] ??= []).push(character);
    for (const bucket of buckets)
      for (const character of (bucket as string[] | undefined) ?? []) ordered.push(character);
    run = [];
  };
  for (const character of characters) {
    const found = markClass(character);
    if (found) {
      run.push([character, found]);
      continue;
    }
    flush();
    ordered.push(character);
  }
  flush();
  return ordered;
}

function composeAll(characters: readonly string[]): string[] {
  const made: string[] = [];
  let starter = -1;
  let lastRank = 0;
  for (const character of characters) {
    const rank = markClass(character)?.rank ?? 0;
    // Another mark of the same class, or one that does not move, keeps it from the character before.
    const open = starter >= 0 && (lastRank < rank || made.length - 1 === starter);
    const pair = open ? compose(made[starter] ?? '', character) : null;
    if (pair !== null) {
      made[starter] = pair;
      continue;
    }
    if (rank === 0) starter = made.length;
    lastRank = rank;
    made.push(character);
  }
  return made;
}

/** `text.normalize(form)`, in time that grows with the length of the text. */
export function normaliseLong(text: string, form: UnicodeForm): string {
  const compatible = form === 'NFKC' || form === 'NFKD';
  const ordered = order(decompose(text, compatible ? 'NFKD' : 'NFD'));
  return (form === 'NFC' || form === 'NFKC' ? composeAll(ordered) : ordered).join('');
}
