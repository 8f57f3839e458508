/**
 * Reading the untrusted JSON of a tokenizer: `place` says where in the file a value stands (`model.vocab`), and each function throws
 * ExplainError TOKENIZER_INVALID with that place where the value has the wrong form.
 */
import { ExplainError } from '../errors';
import { isObject, type JsonObject } from '../json/fields';
import { readJsonFile } from '../json/read';
import { say } from '../text/say';

export { isObject };
export type Fields = JsonObject;

/** The error for a damaged file. @param detail what is wrong, for the log */
export function invalidTokenizer(detail: string, cause?: unknown): ExplainError {
  return new ExplainError('TOKENIZER_INVALID', say('tokenizer.invalid'), { detail, cause });
}

/** The error for what a sound file asks for and is not done here. @param what a noun phrase that fills the sentence's gap */
export function unsupported(what: string): ExplainError {
  return new ExplainError('TOKENIZER_UNSUPPORTED', say('tokenizer.unsupported', { what }), { detail: what });
}

/** Parses UTF-8 JSON whose root is an object. */
export function parseObject(bytes: Uint8Array, name: string): Fields {
  return object(readJsonFile(bytes, name, 'TOKENIZER_INVALID'), name);
}

export function object(value: unknown, place: string): Fields {
  if (!isObject(value)) throw invalidTokenizer(`${place} is not an object`);
  return value;
}

export function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidTokenizer(`${place} is not a list`);
  return value as readonly unknown[];
}

export function string(value: unknown, place: string): string {
  if (typeof value !== 'string') throw invalidTokenizer(`${place} is not a string`);
  return value;
}

export function optionalString(value: unknown, place: string): string | null {
  return value === undefined || value === null ? null : string(value, place);
}

export function flag(value: unknown, fallback: boolean): boolean {
  return typeof value === 'boolean' ? value : fallback;
}

/** Longer pieces are hostile: looking one up at each place of a long text would take very long. */
export const LONGEST_PIECE = 1024;

/** A token's text. @throws ExplainError where it is too long, or no text: half of a surrogate pair */
export function pieceText(value: unknown, place: string): string {
  const piece = string(value, place);
  if (piece.length > LONGEST_PIECE) throw unsupported(say('tokenizer.uses.longToken', { most: LONGEST_PIECE }));
  if (!piece.isWellFormed()) throw invalidTokenizer(`${place} is cut inside a character`);
  return piece;
}

/** Ids fit in 24 bits: the largest vocabularies known have some 300,000. */
const LARGEST_ID = 0xffffff;

export function tokenId(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > LARGEST_ID)
    throw invalidTokenizer(`${place} is not a token id`);
  return value;
}
