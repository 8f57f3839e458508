/**
 * Runs a regular expression as JavaScript does (backtracking, leftmost, in the order of the alternatives), and counts
 * its steps, so that one that would take for ever is stopped. It keeps what is left to try on a stack of its own:
 * neither long texts nor odd patterns can overflow JavaScript's.
 */
import { spend, TooMuchWork } from '../work';
import { EDGES, LOOKS, Op, type Program, INSTRUCTION_WIDTH } from './program';

// Constants of this file, which the JavaScript engine compares faster than properties of an object.
const {
  Again,
  Character,
  Edge,
  Forget,
  Jump,
  Look,
  Mark,
  Match,
  Reference,
  Repeat,
  RepeatLazily,
  Reset,
  Run,
  Save,
  Set,
  Try,
} = Op;

/** What an entry of the stack is: an alternative (instruction, position), a value to restore (place, value), or a run to shorten. */
const CHOICE = 0;
const UNDO_REGISTER = 1;
const UNDO_SLOT = 2;
const SHORTEN = 3;
const ENTRY = 4;
/** Steps between two calls of `spend`. */
const REPORT = 1024;
const MOST_ENTRIES = 4_000_000;

/** UTF-16 units of a character. */
const lengthOfCharacter = (code: number): 1 | 2 => (code > 0xffff ? 2 : 1);

export class Machine {
  readonly #program: Program;
  readonly #registers: Int32Array;
  readonly #slots: Int32Array;
  #stack = new Int32Array(256 * ENTRY);
  #top = 0;
  #steps = 0;
  #text = '';

  constructor(program: Program) {
    this.#program = program;
    this.#registers = new Int32Array(program.registers);
    this.#slots = new Int32Array(program.slots);
  }

  /** Calls `found` for each match [from, to) in order. @throws TooMuchWork */
  each(text: string, found: (from: number, to: number) => void): void {
    this.#text = text;
    try {
      for (let from = 0; from <= text.length;) {
        this.#slots.fill(-1);
        this.#top = 0;
        const to = this.#run(0, from);
        if (to >= 0) found(from, to);
        from = to > from ? to : from + this.#widthAt(from);
      }
    } finally {
      spend(this.#steps);
      this.#steps = 0;
      this.#text = '';
      if (this.#stack.length > 65_536) this.#stack = new Int32Array(256 * ENTRY);
    }
  }

  /** Units of the character at a position; 1 at the end. */
  #widthAt(at: number): 1 | 2 {
    return lengthOfCharacter(this.#text.codePointAt(at) ?? 0);
  }

  /** Units of the character before a position. */
  #widthBefore(at: number): 1 | 2 {
    if (at < 2) return 1;
    const low = this.#text.charCodeAt(at - 1);
    const high = this.#text.charCodeAt(at - 2);
    return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? 2 : 1;
  }

  #push(kind: number, a: number, b: number, c = 0): void {
    const at = this.#top;
    if (at + ENTRY > this.#stack.length) {
      if (at >= MOST_ENTRIES * ENTRY) throw new TooMuchWork();
      const stack = new Int32Array(this.#stack.length * 2);
      stack.set(this.#stack);
      this.#stack = stack;
    }
    this.#stack[at] = kind;
    this.#stack[at + 1] = a;
    this.#stack[at + 2] = b;
    this.#stack[at + 3] = c;
    this.#top = at + ENTRY;
  }

  /** Runs from an instruction at a position to Match; the position there, or -1. */
  #run(instruction: number, position: number): number {
    const { code, sets } = this.#program;
    const text = this.#text;
    const bottom = this.#top;
    let pc = instruction;
    let at = position;
    for (;;) {
      if (++this.#steps >= REPORT) {
        const steps = this.#steps;
        this.#steps = 0;
        spend(steps);
      }
      const a = code[pc + 1] ?? 0;
      const b = code[pc + 2] ?? 0;
      let failed = false;
      switch (code[pc]) {
        case Character:
        case Set: {
          const from = b === 0 ? at : at - this.#widthBefore(at);
          failed = from < 0 || from >= text.length;
          if (failed) break;
          const character = text.codePointAt(from) ?? 0;
          failed = code[pc] === Set ? sets[a]?.has(character) !== true : character !== a;
          at = b === 1 ? from : at + lengthOfCharacter(character);
          pc += INSTRUCTION_WIDTH;
          break;
        }
        case Run: {
          const end = this.#runOf(a, b, at, code[pc + 4] ?? -1);
          const least = this.#after(at, code[pc + 3] ?? 0, b, end);
          failed = least < 0;
          if (failed) break;
          pc += INSTRUCTION_WIDTH;
          if (end !== least) this.#push(SHORTEN, pc, least, end);
          at = end;
          break;
        }
        case Try:
          this.#push(CHOICE, a, at);
          pc += INSTRUCTION_WIDTH;
          break;
        case Jump:
          pc = a;
          break;
        case Reset:
          this.#setRegister(a, 0);
          pc += INSTRUCTION_WIDTH;
          break;
        case Repeat:
        case RepeatLazily: {
          const count = this.#registers[a] ?? 0;
          const most = code[pc + 4] ?? -1;
          const lazy = code[pc] === RepeatLazily;
          if (count < (code[pc + 3] ?? 0)) pc += INSTRUCTION_WIDTH;
          else if (most >= 0 && count >= most) pc = b;
          else {
            this.#push(CHOICE, lazy ? pc + INSTRUCTION_WIDTH : b, at);
            pc = lazy ? b : pc + INSTRUCTION_WIDTH;
          }
          break;
        }
        case Mark:
          this.#setRegister(a, at);
          pc += INSTRUCTION_WIDTH;
          break;
        case Again: {
          const count = this.#registers[a] ?? 0;
          failed = at === this.#registers[b] && count >= (code[pc + 3] ?? 0);
          this.#setRegister(a, count + 1);
          pc += INSTRUCTION_WIDTH;
          break;
        }
        case Edge:
          failed = !this.#isEdge(a, at);
          pc += INSTRUCTION_WIDTH;
          break;
        case Look: {
          const end = this.#look(pc, at);
          failed = end >= 0 === (a === LOOKS.isNot);
          if (a === LOOKS.takes && !failed) at = end;
          pc = b;
          break;
        }
        case Save:
          this.#setSlot(a, at);
          pc += INSTRUCTION_WIDTH;
          break;
        case Forget:
          for (let slot = 2 * a; slot < 2 * b; slot++) this.#setSlot(slot, -1);
          pc += INSTRUCTION_WIDTH;
          break;
        case Reference: {
          const to = this.#refer(a, b, at);
          failed = to < 0;
          if (!failed) at = to;
          pc += INSTRUCTION_WIDTH;
          break;
        }
        case Match:
          return at;
        default:
          throw new Error('no such instruction');
      }
      if (!failed) continue;
      // Back to the last thing that was left to try.
      for (;;) {
        if (this.#top <= bottom) return -1;
        this.#steps++;
        const entry = (this.#top -= ENTRY);
        const kind = this.#stack[entry];
        const first = this.#stack[entry + 1] ?? 0;
        const second = this.#stack[entry + 2] ?? 0;
        if (kind === UNDO_REGISTER) this.#registers[first] = second;
        else if (kind === UNDO_SLOT) this.#slots[first] = second;
        else {
          pc = first;
          at = kind === CHOICE ? second : this.#shorten(entry, first, second);
          break;
        }
      }
    }
  }

  /** One character less of a run, with the rest still left to try. */
  #shorten(entry: number, pc: number, least: number): number {
    const end = this.#stack[entry + 3] ?? 0;
    const shorter = end > least ? end - this.#widthBefore(end) : end + this.#widthAt(end);
    if (shorter !== least) this.#push(SHORTEN, pc, least, shorter);
    return shorter;
  }

  /** Where a run of a set ends. */
  #runOf(set: number, back: number, from: number, most: number): number {
    const text = this.#text;
    const characters = this.#program.sets[set];
    if (!characters) return from;
    let at = from;
    for (let count = 0; count !== most; count++) {
      const width = back === 0 ? 0 : this.#widthBefore(at);
      const next = at - width;
      if (next < 0 || next >= text.length) break;
      const code = text.codePointAt(next) ?? 0;
      if (!characters.has(code)) break;
      at = back === 0 ? at + lengthOfCharacter(code) : next;
      if ((count & (REPORT - 1)) === REPORT - 1) spend(REPORT);
    }
    // The loop has counted its steps in lots of `REPORT`; the rest is counted here.
    this.#steps += Math.abs(at - from) & (REPORT - 1);
    return at;
  }

  /** The position so many characters on from `from`, or -1 where it is beyond `end`. */
  #after(from: number, characters: number, back: number, end: number): number {
    let at = from;
    for (let i = 0; i < characters; i++) {
      if (at === end) return -1;
      at += back === 0 ? this.#widthAt(at) : -this.#widthBefore(at);
      this.#steps++;
    }
    return at;
  }

  #setRegister(register: number, value: number): void {
    this.#push(UNDO_REGISTER, register, this.#registers[register] ?? 0);
    this.#registers[register] = value;
  }

  #setSlot(slot: number, value: number): void {
    this.#push(UNDO_SLOT, slot, this.#slots[slot] ?? -1);
    this.#slots[slot] = value;
  }

  /** Runs a look-around's own instructions. @returns where its match ends, or -1. What it captured stays; it is not tried in another way. */
  #look(pc: number, at: number): number {
    const top = this.#top;
    const before = this.#slots.slice();
    const registers = this.#registers.slice();
    const end = this.#run(pc + INSTRUCTION_WIDTH, at);
    this.#top = top;
    this.#registers.set(registers);
    const after = this.#slots.slice();
    this.#slots.set(before);
    const kept = end >= 0 && this.#program.code[pc + 1] !== LOOKS.isNot;
    for (let slot = 0; slot < after.length && kept; slot++)
      if (after[slot] !== before[slot]) this.#setSlot(slot, after[slot] ?? -1);
    this.#steps += registers.length + after.length;
    return end;
  }

  #refer(capture: number, back: number, at: number): number {
    const [from = -1, to = -1] = this.#slots.subarray(2 * capture, 2 * capture + 2);
    if (from < 0 || to < 0) return at;
    const captured = this.#text.slice(from, to);
    this.#steps += captured.length;
    const start = back === 0 ? at : at - captured.length;
    if (start < 0 || !this.#text.startsWith(captured, start)) return -1;
    return back === 0 ? at + captured.length : start;
  }

  #isEdge(edge: number, at: number): boolean {
    const kind = EDGES[edge];
    if (kind === 'start') return at === 0;
    if (kind === 'end') return at === this.#text.length;
    const isWord = (position: number): boolean => /^\w$/u.test(this.#text.charAt(position));
    return (isWord(at - 1) !== isWord(at)) === (kind === 'word');
  }
}
