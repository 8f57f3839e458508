/** A text that a model writes token by token, each as it reads with those round it. */
import type { TextKind, Token } from '../../attention/types';
import { markWritten } from '../../measure/words/joins';
import { MOST_SHARING, type TextTokenizer } from '../../tokenizer/index';
import { writeToken } from './writtenTokens';

export class WrittenText {
  readonly #tokens: Token[];
  readonly #tokenizer: TextTokenizer;
  readonly #kind: TextKind;

  /** @param given the tokens that it begins with */
  constructor(given: readonly Token[], tokenizer: TextTokenizer, kind: TextKind) {
    this.#tokens = [...given];
    this.#tokenizer = tokenizer;
    this.#kind = kind;
  }

  get length(): number {
    return this.#tokens.length;
  }

  get tokens(): readonly Token[] {
    return [...this.#tokens];
  }

  at(index: number): Token | undefined {
    return this.#tokens[index];
  }

  /** Ids of `[from, to)`. */
  ids(from: number, to: number): readonly number[] {
    return this.#tokens.slice(from, to).map(({ id }) => id);
  }

  /** Keeps the first tokens. A word that has lost its last tokens is another word. */
  cut(length: number): void {
    this.#tokens.length = Math.min(this.#tokens.length, length);
    this.#retell(markWritten(this.#tokens, this.#tokens.length, this.#kind));
  }

  /** Becomes the text of these ids; what begins alike is kept. */
  become(ids: readonly number[]): void {
    let same = 0;
    while (same < ids.length && this.#tokens[same]?.id === ids[same]) same++;
    // Tokens whose character has lost its last part are read anew: alone they show `�`.
    for (let i = 0; i < MOST_SHARING && this.#tokens[same - 1]?.partial === true; i++)
      if ((this.#tokens[same - 1]?.start ?? 0) < 0) same--;
    this.cut(same);
    for (const id of ids.slice(same)) this.push(id);
  }

  /** Adds a token; those before it whose character or word it completes are returned, as they read now. */
  push(id: number): readonly Token[] {
    const { token, completed } = writeToken(this.#tokens, id, this.#tokenizer);
    const before = this.#tokens.slice(0, this.#tokens.length - completed.length);
    const at = this.#tokens.length;
    const told = this.#retell(markWritten([...before, ...completed, token], at, this.#kind));
    return this.#tokens.slice(Math.min(at, before.length, told), at);
  }

  /** Takes tokens as they read now; the first that reads otherwise. */
  #retell(tokens: readonly Token[]): number {
    const first = tokens.findIndex((token, index) => token !== this.#tokens[index]);
    if (first >= 0) this.#tokens.splice(first, this.#tokens.length - first, ...tokens.slice(first));
    return first < 0 ? tokens.length : first;
  }
}
