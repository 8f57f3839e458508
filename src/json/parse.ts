/**
 * JSON as Python writes it: `json.dump` puts NaN, Infinity and -Infinity where a number is not finite, which
 * JSON.parse does not take. What is broken otherwise is named with its line and column.
 */
import { say } from '../text/say';

/** Configs and tokenizers nest some ten levels; what nests deeper would overflow the stack of whoever walks it. */
const MAX_DEPTH = 200;

/** Text that is not JSON. Line and column count from 1; columns are UTF-16 units. */
export class BrokenJson extends Error {
  override readonly name = 'BrokenJson';

  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`line ${line}, column ${column}: ${reason}`);
  }
}

/**
 * Parses JSON, with NaN, Infinity and -Infinity. Linear in the text's length.
 * @throws BrokenJson
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new Parser(text).parse();
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside strings; what else is wrong with the text is found by who parses it. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) throw brokenAt(text, at, say('json.reason.deep', { most: MAX_DEPTH }));
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
}

/** Where the string that begins at `from` has its closing quote; the text's end where it has none. */
function stringEnd(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) break;
    if (unit === BACKSLASH) at++;
  }
  return Math.min(at, text.length);
}

function brokenAt(text: string, at: number, reason: string): BrokenJson {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return new BrokenJson(reason, line, at - start + 1);
}

// Sticky: matched at one place only, each in one pass without going back.
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /-?[A-Za-z]+/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Used where JSON.parse refused: slower, but it knows Python's numbers and where it stands. Depth is checked before. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    const value = this.#value();
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#broken(say('json.reason.more'));
    return value;
  }

  #value(): unknown {
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case undefined:
        throw this.#broken(say('json.reason.ends'));
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
    }
    const number = this.#match(NUMBER);
    if (number !== undefined) return Number(number);
    const from = this.#at;
    const word = this.#match(WORD);
    if (word !== undefined && WORDS.has(word)) return WORDS.get(word);
    this.#at = from;
    throw this.#broken(say('json.reason.value'));
  }

  #object(): unknown {
    const entries: [string, unknown][] = [];
    this.#at++;
    if (this.#skips('}')) return {};
    for (;;) {
      this.#match(SPACE);
      if (this.#text[this.#at] !== '"') throw this.#broken(say('json.reason.name'));
      const name = this.#string();
      if (!this.#skips(':')) throw this.#broken(say('json.reason.colon'));
      entries.push([name, this.#value()]);
      // Own properties, whatever their names.
      if (this.#skips('}')) return Object.fromEntries(entries);
      if (!this.#skips(',')) throw this.#broken(say('json.reason.brace'));
    }
  }

  #list(): unknown {
    const items: unknown[] = [];
    this.#at++;
    if (this.#skips(']')) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#skips(']')) return items;
      if (!this.#skips(',')) throw this.#broken(say('json.reason.bracket'));
    }
  }

  #string(): string {
    const from = this.#at;
    this.#at++;
    for (;;) {
      const unit = this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1;
      if (unit < 0) throw this.#broken(say('json.reason.endsInString'));
      if (unit < 0x20) throw this.#broken(say('json.reason.control'));
      if (unit === BACKSLASH) {
        if (this.#match(ESCAPE) === undefined) throw this.#broken(say('json.reason.escape'));
      } else {
        this.#at++;
        if (unit === QUOTE) return JSON.parse(this.#text.slice(from, this.#at)) as string;
      }
    }
  }

  /** Goes past white space and `character`; false where another one stands there. */
  #skips(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #broken(reason: string): BrokenJson {
    return brokenAt(this.#text, this.#at, reason);
  }
}
