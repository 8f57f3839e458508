/**
 * A bound on what a tokenizer may do. Its file comes from strangers and decides how much work a text makes; JavaScript
 * cannot stop a loop from outside. So every step counts its own work here, in units of about one character looked at,
 * and ends once the allowance is spent. Counting is the same on every machine, where a clock would not be.
 */
import { ExplainError } from '../errors';
import { say } from '../text/say';

/** What any text may take, however short: some tenths of a second. */
const WORK_AT_LEAST = 10_000_000;
/** What a file may take to be read beside its length: its expressions are tried on many texts. */
const WORK_TO_READ = 100_000_000;
/** What each byte of a file may take: little, since a file may be as long as it likes. The texts of added tokens are normalised. */
const WORK_A_BYTE = 8;
/** What each character may take beside that; sound tokenizers take less than a hundred. */
const WORK_A_CHARACTER = 300;
/** How long a text may become on its way, over all steps together: NFKC's worst case is 18 times. */
const MOST_GROWTH = 32;
const GROWTH_ALLOWANCE = 65_536;

/** Thrown where the allowance is spent. */
export class TooMuchWork extends ExplainError {
  constructor() {
    super('TOKENIZER_UNSUPPORTED', say('tokenizer.tooMuchWork'));
  }
}

let left = Infinity;
let longest = Infinity;

/** Counts work. @throws TooMuchWork once the allowance of the run is spent */
export function spend(units: number): void {
  left -= units;
  if (left < 0) throw new TooMuchWork();
}

/** Checks that a text which a step makes is not too long. @throws ExplainError TOKENIZER_INVALID */
export function checkLength(length: number): void {
  if (length > longest) throw new ExplainError('TOKENIZER_INVALID', say('tokenizer.grows'));
}

/** The allowance for a text of so many UTF-16 units. */
export const workFor = (length: number): number => WORK_AT_LEAST + WORK_A_CHARACTER * length;

/** The allowance for a file of so many bytes. */
export const workToRead = (bytes: number): number => WORK_TO_READ + WORK_A_BYTE * bytes;

/**
 * Runs with an allowance of `units` of work, for a text of `length` UTF-16 units. Inside another run it gets no more
 * than what that one has left, and is charged to it.
 */
export function withWork<T>(units: number, length: number, run: () => T): T {
  const [leftBefore, longestBefore] = [left, longest];
  const allowed = Math.min(units, leftBefore);
  left = allowed;
  longest = Math.min(longestBefore, length * MOST_GROWTH + GROWTH_ALLOWANCE);
  try {
    return run();
  } finally {
    const spent = allowed - left;
    left = leftBefore - spent;
    longest = longestBefore;
  }
}
