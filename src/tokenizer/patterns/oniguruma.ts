/**
 * What Oniguruma's syntax has and JavaScript's has not, said in another way before an expression is translated: atomic groups and
 * possessive repetitions, which never give back what they took, line ends, comments, a leading `(?i)`, cases of letters beyond ASCII,
 * and names of properties in any spelling.
 * Source: Oniguruma, doc/RE (its syntax for Ruby, which the crate `tokenizers` uses).
 */

/** Names of the groups that stand for atomic ones; they capture nothing. */
export const ATOMIC_NAME = 'atomicGroup';

const LINE_END = '\\r\\n|[\n\v\f\r\u0085\u2028\u2029]';

/** Anything, line feeds too. */
const ANYTHING = '[\\s\\S]';

const VISIBLE = '[^\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Cn}]';

/** Kinds of characters that Oniguruma names as POSIX does and JavaScript has under no name, as classes. */
const POSIX: ReadonlyMap<string, string> = new Map([
  ['alnum', '[\\p{Alphabetic}\\p{Nd}]'],
  ['ascii', '[\\x00-\\x7F]'],
  ['blank', '[\\t\\p{Zs}]'],
  ['cntrl', '[\\p{Cc}]'],
  ['digit', '[\\p{Nd}]'],
  ['graph', VISIBLE],
  ['print', `[\\p{Zs}${VISIBLE}]`],
  ['punct', '[\\p{P}]'],
  ['space', '[\\p{White_Space}]'],
  ['xdigit', '[0-9A-Fa-f]'],
]);

const negated = (set: string): string => (set.startsWith('[^') ? `[${set.slice(2)}` : `[^${set.slice(1)}`);

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, 'u').flags !== '';
  } catch {
    return false;
  }
}

/** `\p{…}` under the one spelling that JavaScript knows; Oniguruma takes any case, and `^` for the opposite. */
function property(whole: string, letter: string, caret: string, name: string): string {
  const isOpposite = (letter === 'P') !== (caret === '^');
  const plain = name.toLowerCase().replace(/[ _-]/gu, '');
  // The library that translates knows this one.
  if (plain === 'word') return isOpposite ? '\\P{Word}' : '\\p{Word}';
  const set = POSIX.get(plain);
  if (set !== undefined) return isOpposite ? negated(set) : set;
  const words = name
    .trim()
    .toLowerCase()
    .split(/[ _-]+/u);
  const titled = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('_');
  for (const spelling of [name, titled, name.toUpperCase()]) {
    if (isProperty(spelling) || isProperty(`Script=${spelling}`)) return `\\${isOpposite ? 'P' : 'p'}{${spelling}}`;
  }
  return whole;
}

/** Every escape is matched, so that a backslash behind a backslash begins none. */
function withProperties(source: string): string {
  return source.replace(
    /\\(?:([pP])\{(\^?)([A-Za-z0-9 _-]{1,60})\}|[^])/gu,
    (whole: string, letter: string | undefined, caret: string, name: string) =>
      letter === undefined ? whole : property(whole, letter, caret, name),
  );
}

/** A character of any case as a class. @throws SyntaxError where its cases are of several characters, as those of ß */
function eitherCase(character: string): string {
  const cases = new Set([character, character.toLowerCase(), character.toUpperCase()]);
  if (cases.size === 1) return character;
  if ([...cases].some((one) => Array.from(one).length !== 1)) throw new SyntaxError(`the cases of ${character}`);
  return `[${[...cases].join('')}]`;
}

/** An escape with its name or number, where it has one in brackets. */
const ESCAPE = /^\\(?:[pPxuo]\{[^}]*\}|[kg]<[^>]*>|[^])/u;
const LONGEST_ESCAPE = 100;

class Rewriter {
  #made = '';
  #at = 0;
  #atomics = 0;
  /** Where in the output the last item begins, the one that a following `*` or `+` repeats; -1 where there is none. */
  #item = -1;
  readonly #groups: { readonly item: number; readonly ignoresCase: boolean }[] = [];
  #ignoresCase = false;

  constructor(private readonly source: string) {}

  run(): string {
    while (this.#at < this.source.length) this.#step();
    return this.#made;
  }

  #step(): void {
    const character = this.source[this.#at] ?? '';
    switch (character) {
      case '\\': {
        this.#escape();
        return;
      }
      case '[': {
        this.#class();
        return;
      }
      case '(': {
        this.#open();
        return;
      }
      case ')':
        this.#copy(1);
        ({ item: this.#item, ignoresCase: this.#ignoresCase } = this.#groups.pop() ?? { item: -1, ignoresCase: false });
        return;
      case '|':
        this.#copy(1);
        this.#item = -1;
        return;
      case '*':
      case '+':
      case '?': {
        this.#repeat();
        return;
      }
      default:
        this.#literal();
    }
  }

  #copy(length: number): void {
    this.#made += this.source.slice(this.#at, this.#at + length);
    this.#at += length;
  }

  /** An item that may be repeated. */
  #keep(length: number): void {
    this.#item = this.#made.length;
    this.#copy(length);
  }

  /** The library knows the cases of ASCII letters only. */
  #literal(): void {
    const character = String.fromCodePoint(this.source.codePointAt(this.#at) ?? 0);
    this.#item = this.#made.length;
    this.#made += this.#ignoresCase && character > '\x7f' ? eitherCase(character) : character;
    this.#at += character.length;
  }

  #class(): void {
    const length = this.#classLength();
    const text = this.source.slice(this.#at, this.#at + length);
    if (this.#ignoresCase && /\[:\^?(?:upper|lower):\]|[^\x00-\x7f]/u.test(text.replace(/[^\x00-\x7f]/gu, caseless)))
      throw new SyntaxError('a class that ignores case');
    this.#item = this.#made.length;
    // The first bracket is the class's own.
    this.#made += text.replace(
      /(?<=.)\[:(\^?)(ascii|graph|print):\]/gsu,
      (whole: string, caret: string, name: string) => {
        const set = POSIX.get(name);
        if (set === undefined) return whole;
        return caret === '^' ? negated(set) : set;
      },
    );
    this.#at += length;
  }

  #atomic(body: string): string {
    return `(?<${ATOMIC_NAME}${this.#atomics++}>${body})`;
  }

  #escape(): void {
    const next = this.source[this.#at + 1];
    // Where the last match ended: nobody here looks for one match after another as Oniguruma's callers do. The library leaves it out.
    if (next === 'G') throw new SyntaxError('\\G');
    if (next !== 'R' && next !== 'N' && next !== 'O') {
      const [escape = '\\'] = ESCAPE.exec(this.source.slice(this.#at, this.#at + LONGEST_ESCAPE)) ?? [];
      this.#keep(escape.length);
      return;
    }
    this.#item = this.#made.length;
    const others = next === 'O' ? ANYTHING : '[^\\n]';
    this.#made += next === 'R' ? this.#atomic(LINE_END) : others;
    this.#at += 2;
  }

  /** Length of the class at the present place, with the classes inside it. */
  #classLength(): number {
    let depth = 0;
    for (let at = this.#at; at < this.source.length; at++) {
      const character = this.source[at];
      if (character === '\\') at++;
      else if (character === '[') depth++;
      else if (character === ']' && --depth === 0) return at + 1 - this.#at;
    }
    return this.source.length - this.#at;
  }

  #open(): void {
    if (this.source.startsWith('(?#', this.#at)) {
      const end = this.source.indexOf(')', this.#at);
      if (end < 0) throw new SyntaxError('a comment without an end');
      this.#at = end + 1;
      return;
    }
    this.#groups.push({ item: this.#made.length, ignoresCase: this.#ignoresCase });
    if (this.source.startsWith('(?i:', this.#at)) this.#ignoresCase = true;
    this.#item = -1;
    if (this.source.startsWith('(?>', this.#at)) {
      this.#made += `(?<${ATOMIC_NAME}${this.#atomics++}>`;
      this.#at += 3;
      return;
    }
    // What follows the bracket is no repetition.
    const [opening = '('] = /^\((?:\?(?:<[=!]|<[^>]*>|[:=!]|[a-z-]*:)?)?/u.exec(this.source.slice(this.#at)) ?? [];
    this.#copy(opening.length);
  }

  /** A repetition that a plus makes possessive is an atomic group round it. */
  #repeat(): void {
    const possessive = this.source[this.#at + 1] === '+' && this.#item >= 0;
    if (!possessive) {
      // A second sign makes it lazy, or is of the next repetition: the item stays what it was.
      this.#copy(1);
      if (this.source[this.#at] === '?') this.#copy(1);
      return;
    }
    const item = this.#made.slice(this.#item);
    this.#made = this.#made.slice(0, this.#item) + this.#atomic(item + (this.source[this.#at] ?? ''));
    this.#at += 2;
  }
}

/** An uncased letter as an ASCII one, so that what is left beyond ASCII has cases. */
const caseless = (character: string): string => (character.toLowerCase() === character.toUpperCase() ? 'x' : character);

/**
 * The expression with what JavaScript lacks in groups of the name `ATOMIC_NAME`, and otherwise as it was.
 * @throws SyntaxError where it would mean something else
 */
export function withoutOniguruma(source: string): string {
  const plain = source.startsWith('(?i)') ? `(?i:${source.slice(4)})` : source;
  return new Rewriter(withProperties(plain)).run();
}
