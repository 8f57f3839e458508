/**
 * What Oniguruma's syntax has and JavaScript's has not, said in another way before an expression is translated: atomic groups and
 * possessive repetitions, which never give back what they took, line ends, and a leading `(?i)`.
 * Source: Oniguruma, doc/RE (its syntax for Ruby, which the crate `tokenizers` uses).
 */

/** Names of the groups that stand for atomic ones; they capture nothing. */
export const ATOMIC_NAME = 'atomicGroup';

const LINE_END = '\\r\\n|[\n\v\f\r\u0085\u2028\u2029]';

/** An escape with its name or number, where it has one in brackets. */
const ESCAPE = /^\\(?:[pPxuo]\{[^}]*\}|[kg]<[^>]*>|[^])/u;
const LONGEST_ESCAPE = 100;

class Rewriter {
  #made = '';
  #at = 0;
  #atomics = 0;
  /** Where in the output the last item begins, the one that a following `*` or `+` repeats; -1 where there is none. */
  #item = -1;
  readonly #groups: number[] = [];

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
        this.#keep(this.#classLength());
        return;
      }
      case '(': {
        this.#open();
        return;
      }
      case ')':
        this.#copy(1);
        this.#item = this.#groups.pop() ?? -1;
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
      default: {
        this.#keep(character >= '\ud800' && character <= '\udbff' ? 2 : 1);
        return;
      }
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

  #atomic(body: string): string {
    return `(?<${ATOMIC_NAME}${this.#atomics++}>${body})`;
  }

  #escape(): void {
    const next = this.source[this.#at + 1];
    if (next !== 'R' && next !== 'N') {
      const [escape = '\\'] = ESCAPE.exec(this.source.slice(this.#at, this.#at + LONGEST_ESCAPE)) ?? [];
      this.#keep(escape.length);
      return;
    }
    this.#item = this.#made.length;
    this.#made += next === 'R' ? this.#atomic(LINE_END) : '[^\\n]';
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
    this.#groups.push(this.#made.length);
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

/** The expression with what JavaScript lacks in groups of the name `ATOMIC_NAME`, and otherwise as it was. */
export function withoutOniguruma(source: string): string {
  const plain = source.startsWith('(?i)') ? `(?i:${source.slice(4)})` : source;
  return new Rewriter(plain).run();
}
