/** A regular expression as a list of instructions for the machine beside this file. */
import { unsupported } from '../tokenizerJson';
import { CharacterSet } from './characterSet';
import type { Node, Syntax } from './syntax';
import { say } from '../../text/say';

/**
 * Each instruction is five numbers: one of these, and up to four operands, which each comment lists after the colon. `backwards` is 1
 * where the text is read from right to left, inside a look-behind; `then` is the place of the instruction that follows.
 */
export const Op = {
  /** The expression has matched. */
  Match: 0,
  /** Takes one character: code point, backwards. */
  Character: 1,
  /** Takes one character of a set: set, backwards. */
  Set: 2,
  /** Takes as many characters of a set as there are, and fewer if what follows fails: set, backwards, least, most (-1 without end). */
  Run: 3,
  /** Goes on with the next instruction, and if that fails with another one: its place. */
  Try: 4,
  /** Goes on with another instruction: its place. */
  Jump: 5,
  /** Sets a register to 0: register. */
  Reset: 6,
  /** Repeats the instructions after it, or goes on: register that counts, then, least, most. As many repetitions as possible. */
  Repeat: 7,
  /** As `Repeat`, with as few repetitions as possible. */
  RepeatLazily: 8,
  /** Remembers the position: register. */
  Mark: 9,
  /** Ends a repetition: register that counts, register of its `Mark`, least. A repetition beyond the least that took nothing fails. */
  Again: 10,
  /** Demands an edge: its place in `EDGES`. */
  Edge: 11,
  /** Looks ahead or behind, or takes an atomic group: its place in `LOOKS`, then. Its own instructions follow and end with `Match`. */
  Look: 12,
  /** Keeps the position in a slot: slot. */
  Save: 13,
  /** Empties captures before they are taken anew: first, last (not included). */
  Forget: 14,
  /** Demands what a group has captured: capture, backwards. */
  Reference: 15,
} as const;

export const INSTRUCTION_WIDTH = 5;
export const LOOKS = { is: 0, isNot: 1, takes: 2 } as const;
export const EDGES = ['start', 'end', 'word', 'not-word'] as const;

export interface Program {
  readonly code: Int32Array;
  readonly sets: readonly CharacterSet[];
  readonly registers: number;
  /** Positions kept: two a capture; 0 where nothing refers to captures. */
  readonly slots: number;
}

const MOST_INSTRUCTIONS = 50_000;
const LARGEST_COUNT = 1_000_000;

class Compiler {
  readonly #code: number[] = [];
  readonly #sets = new Map<string, number>();
  readonly #captures: boolean;
  #registers = 0;

  constructor(private readonly syntax: Syntax) {
    this.#captures = syntax.hasReferences;
  }

  compile(): Program {
    this.#node(this.syntax.root, 0);
    this.#put(Op.Match);
    return {
      code: Int32Array.from(this.#code),
      sets: [...this.#sets.keys()].map((source) => new CharacterSet(source)),
      registers: this.#registers,
      slots: this.#captures ? 2 * (this.syntax.captures + 1) : 0,
    };
  }

  /** Returns the instruction's place. */
  #put(op: number, a = 0, b = 0, c = 0, d = 0): number {
    const at = this.#code.length;
    if (at >= MOST_INSTRUCTIONS * INSTRUCTION_WIDTH) throw unsupported(say('tokenizer.uses.longPattern'));
    this.#code.push(op, a, b, c, d);
    return at;
  }

  #set(source: string): number {
    const known = this.#sets.get(source) ?? this.#sets.size;
    this.#sets.set(source, known);
    return known;
  }

  /** @param back 1 inside a look-behind, which JavaScript reads from right to left */
  #node(node: Node, back: number): void {
    switch (node.type) {
      case 'character':
        this.#put(Op.Character, node.code, back);
        break;
      case 'set':
        this.#put(Op.Set, this.#set(node.source), back);
        break;
      case 'sequence':
        for (const part of back ? node.parts.toReversed() : node.parts) this.#node(part, back);
        break;
      case 'choice':
        this.#choice(node.options, back);
        break;
      case 'capture':
        this.#save(2 * node.index + back);
        this.#node(node.body, back);
        this.#save(2 * node.index + 1 - back);
        break;
      case 'look':
        this.#look(node.negative ? LOOKS.isNot : LOOKS.is, node.body, node.behind ? 1 : 0);
        break;
      case 'atomic':
        this.#look(LOOKS.takes, node.body, back);
        break;
      case 'edge':
        this.#put(Op.Edge, EDGES.indexOf(node.of));
        break;
      case 'reference':
        this.#put(Op.Reference, node.index, back);
        break;
      case 'repeat':
        this.#repeat(node, back);
        break;
    }
  }

  #look(kind: number, body: Node, back: number): void {
    const look = this.#put(Op.Look, kind);
    this.#node(body, back);
    this.#put(Op.Match);
    this.#code[look + 2] = this.#code.length;
  }

  #save(slot: number): void {
    if (this.#captures) this.#put(Op.Save, slot);
  }

  #choice(options: readonly Node[], back: number): void {
    const ends: number[] = [];
    options.forEach((option, index) => {
      if (index === options.length - 1) {
        this.#node(option, back);
        return;
      }
      const before = this.#put(Op.Try);
      this.#node(option, back);
      ends.push(this.#put(Op.Jump));
      this.#code[before + 1] = this.#code.length;
    });
    for (const end of ends) this.#code[end + 1] = this.#code.length;
  }

  #repeat({ body, least, most, greedy, captures }: Node & { readonly type: 'repeat' }, back: number): void {
    if (least > LARGEST_COUNT || (most > LARGEST_COUNT && most !== Infinity))
      throw unsupported(say('tokenizer.uses.countingPattern'));
    const limit = most === Infinity ? -1 : most;
    if (greedy && (body.type === 'set' || body.type === 'character')) {
      const source = body.type === 'set' ? body.source : `\\u{${body.code.toString(16)}}`;
      this.#put(Op.Run, this.#set(source), back, least, limit);
      return;
    }
    const [counter, mark] = [this.#registers++, this.#registers++];
    this.#put(Op.Reset, counter);
    const head = this.#put(greedy ? Op.Repeat : Op.RepeatLazily, counter, 0, least, limit);
    this.#put(Op.Mark, mark);
    if (this.#captures && captures[0] < captures[1]) this.#put(Op.Forget, captures[0], captures[1]);
    this.#node(body, back);
    this.#put(Op.Again, counter, mark, least);
    this.#put(Op.Jump, head);
    this.#code[head + 2] = this.#code.length;
  }
}

/** @throws ExplainError TOKENIZER_UNSUPPORTED where it is too long */
export function compileProgram(syntax: Syntax): Program {
  return new Compiler(syntax).compile();
}
