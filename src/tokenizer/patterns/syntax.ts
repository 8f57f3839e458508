/**
 * The syntax tree of a JavaScript regular expression with the flag `u`. Only expressions that JavaScript itself has
 * compiled come here, so that what is left to find out is their structure.
 */
import { unsupported } from '../tokenizerJson';
import { ATOMIC_NAME } from './oniguruma';
import { say } from '../../text/say';

export type Node =
  /** One code point: a literal, or what a class or an escape stands for, as its own source. */
  | { readonly type: 'character'; readonly code: number }
  | { readonly type: 'set'; readonly source: string }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly options: readonly Node[] }
  | { readonly type: 'capture'; readonly index: number; readonly body: Node }
  | { readonly type: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: Node }
  /** What it took is not given back (Oniguruma's atomic group). */
  | { readonly type: 'atomic'; readonly body: Node }
  | { readonly type: 'edge'; readonly of: 'start' | 'end' | 'word' | 'not-word' }
  | { readonly type: 'reference'; readonly index: number }
  | {
      readonly type: 'repeat';
      readonly body: Node;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
      /** The captures [from, to) inside, which begin anew with every repetition. */
      readonly captures: readonly [number, number];
    };

export interface Syntax {
  readonly root: Node;
  /** Capturing groups, counted from 1. */
  readonly captures: number;
  readonly hasReferences: boolean;
}

const DEEPEST = 100;
/** Escapes that stand for one character: what follows the backslash. */
const CHARACTER_ESCAPE = /^\\(?:[pP]\{[^}]*\}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^])/u;
const COUNT = /^\{(\d+)(?:(,)(\d*))?\}/u;

class Parser {
  #at = 0;
  #captures = 0;
  #references = false;
  #depth = 0;
  readonly #names: readonly string[];

  constructor(private readonly source: string) {
    // Names are known before the groups are reached: a reference may come first.
    this.#names = groupNames(source);
  }

  parse(): Syntax {
    const root = this.#choice();
    return { root, captures: this.#captures, hasReferences: this.#references };
  }

  #choice(): Node {
    if (++this.#depth > DEEPEST) throw unsupported(say('tokenizer.uses.deepPattern'));
    const options = [this.#sequence()];
    while (this.source[this.#at] === '|') {
      this.#at++;
      options.push(this.#sequence());
    }
    this.#depth--;
    const [only] = options;
    return options.length === 1 && only ? only : { type: 'choice', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.source.length && this.source[this.#at] !== '|' && this.source[this.#at] !== ')') {
      const from = this.#captures + 1;
      const atom = this.#atom();
      parts.push(this.#repeated(atom, from));
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : { type: 'sequence', parts };
  }

  #repeated(body: Node, from: number): Node {
    const { source } = this;
    const character = source[this.#at];
    let [least, most] = [0, Infinity];
    if (character === '*') this.#at++;
    else if (character === '+') {
      this.#at++;
      least = 1;
    } else if (character === '?') {
      this.#at++;
      most = 1;
    } else {
      const count = character === '{' ? COUNT.exec(source.slice(this.#at, this.#at + 40)) : null;
      if (!count) return body;
      this.#at += count[0].length;
      least = Number(count[1]);
      if (count[2] === undefined) most = least;
      else if (count[3] !== '') most = Number(count[3]);
    }
    const greedy = source[this.#at] !== '?';
    if (!greedy) this.#at++;
    return { type: 'repeat', body, least, most, greedy, captures: [from, this.#captures + 1] };
  }

  #atom(): Node {
    const { source } = this;
    const code = source.codePointAt(this.#at) ?? 0;
    const character = String.fromCodePoint(code);
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    this.#at += character.length;
    if (character === '^') return { type: 'edge', of: 'start' };
    if (character === '$') return { type: 'edge', of: 'end' };
    return character === '.' ? { type: 'set', source: '.' } : { type: 'character', code };
  }

  #group(): Node {
    const rest = this.source.slice(this.#at, this.#at + 4);
    const look = /^\(\?(<?)([=!])/u.exec(rest);
    if (look) {
      this.#at += look[0].length;
      const body = this.#closed();
      return { type: 'look', behind: look[1] === '<', negative: look[2] === '!', body };
    }
    if (rest.startsWith('(?:')) {
      this.#at += 3;
      return this.#closed();
    }
    if (rest.startsWith('(?') && !rest.startsWith('(?<')) throw unsupported(say('tokenizer.uses.innerFlags'));
    if (this.source.startsWith(`(?<${ATOMIC_NAME}`, this.#at)) {
      this.#at = this.source.indexOf('>', this.#at) + 1;
      return { type: 'atomic', body: this.#closed() };
    }
    const index = ++this.#captures;
    this.#at = rest.startsWith('(?<') ? this.source.indexOf('>', this.#at) + 1 : this.#at + 1;
    return { type: 'capture', index, body: this.#closed() };
  }

  /** What is inside a group, and its closing bracket. */
  #closed(): Node {
    const body = this.#choice();
    this.#at++;
    return body;
  }

  #class(): Node {
    const from = this.#at;
    for (this.#at++; this.source[this.#at] !== ']'; this.#at++) if (this.source[this.#at] === '\\') this.#at++;
    this.#at++;
    return { type: 'set', source: this.source.slice(from, this.#at) };
  }

  #escape(): Node {
    const rest = this.source.slice(this.#at, this.#at + 80);
    const edge = /^\\([bB])/u.exec(rest);
    if (edge) {
      this.#at += 2;
      return { type: 'edge', of: edge[1] === 'b' ? 'word' : 'not-word' };
    }
    const reference = /^\\(?:([1-9]\d*)|k<([^>]*)>)/u.exec(rest);
    if (reference) {
      this.#at += reference[0].length;
      this.#references = true;
      const [, number, name = ''] = reference;
      return { type: 'reference', index: number === undefined ? this.#names.indexOf(name) : Number(number) };
    }
    const [source = ''] = CHARACTER_ESCAPE.exec(rest) ?? [];
    this.#at += source.length;
    return { type: 'set', source };
  }
}

/** The names of the capturing groups by their number; those without a name are ''. */
function groupNames(source: string): readonly string[] {
  const names = [''];
  for (const [found, name] of source.matchAll(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\((?!\?)|\(\?<(?![=!])([^>]*)>/gu))
    if (found.startsWith('(') && name?.startsWith(ATOMIC_NAME) !== true) names.push(name ?? '');
  return names;
}

/** @throws ExplainError TOKENIZER_UNSUPPORTED where it is nested too deeply or has flags inside */
export function parseSyntax(source: string): Syntax {
  return new Parser(source).parse();
}
