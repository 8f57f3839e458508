/** Two texts read as a pair: each tokenised by itself, with what the tokenizer puts round and between them. */
import type { TextKind, Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { TextPair, TextSpan } from '../../protocol/engine';
import { say } from '../../text/say';
import type { TextTokenizer } from '../../tokenizer/index';
import { withWords } from './readWords';
import { cutToWindow, type Reader, type Windowed } from './window';

/** Of a second text there must be room for so many tokens, or all of it. */
const LEAST_ROOM = 8;

/**
 * The first text is read whole, and of the second as much as there is room for from token `start` on.
 * @param text both texts, with whatever is between them
 * @returns tokens with their words marked, or undefined where the tokenizer knows no pairs
 * @throws ExplainError EMPTY_SELECTION, NO_TOKENS; SELECTION_TOO_LARGE where the first leaves no room for the second
 */
export function readPair(
  text: string,
  model: Reader,
  { first, second }: TextPair,
  start: number,
  { specialsAsText, written }: { readonly specialsAsText: boolean; readonly written: TextKind },
): Windowed | undefined {
  const { tokenizer } = model;
  const tokensOf = (span: TextSpan): readonly Token[] => tokensIn(text, span, tokenizer, specialsAsText, written);
  const head = tokensOf(first);
  const body = tokensOf(second);
  if (head.length === 0 || body.length === 0) throw new ExplainError('NO_TOKENS', say('engine.pairHalfEmpty'));
  const framed = tokenizer.wrapPair(head, []);
  if (!framed) return undefined;
  const room = model.promptLimit - framed.length;
  if (room < Math.min(LEAST_ROOM, body.length))
    throw new ExplainError(
      'SELECTION_TOO_LARGE',
      say('engine.firstTooLong', { tokens: head.length, most: model.promptLimit }),
    );
  return cutToWindow(
    text,
    // A pair is no text that is walked sentence by sentence.
    { tokenizer, promptLimit: model.promptLimit },
    {
      body,
      frameLength: framed.length,
      wrap: (part) => tokenizer.wrapPair(head, part) ?? [],
    },
    start,
  );
}

/** One of two texts that are compared, read by itself, and the ids of the other one. */
export interface ComparedTexts extends Windowed {
  readonly other: readonly number[];
  /** How many tokens of the other one were left out. */
  readonly cut: number;
}

/**
 * Two texts that are read apart from each other, to be compared. The first is the one that is explained.
 * @throws ExplainError EMPTY_SELECTION, NO_TOKENS
 */
export function readCompared(
  text: string,
  model: Reader,
  { first, second }: TextPair,
  start: number,
  { specialsAsText, written }: { readonly specialsAsText: boolean; readonly written: TextKind },
): ComparedTexts {
  const { tokenizer, promptLimit } = model;
  const { frameLength } = tokenizer;
  const [body, others] = [first, second].map((span) => tokensIn(text, span, tokenizer, specialsAsText, written));
  if (!body || !others || body.length === 0 || others.length === 0)
    throw new ExplainError('NO_TOKENS', say('engine.pairHalfEmpty'));
  const reading = { body, frameLength, wrap: (part: readonly Token[]) => tokenizer.wrap(part) };
  const room = Math.max(1, promptLimit - frameLength);
  return {
    ...cutToWindow(text, { tokenizer, promptLimit }, reading, start),
    other: tokenizer.wrap(others.slice(0, room)).map(({ id }) => id),
    cut: Math.max(0, others.length - room),
  };
}

function tokensIn(
  text: string,
  { start, end }: TextSpan,
  tokenizer: TextTokenizer,
  specialsAsText: boolean,
  written: TextKind,
): readonly Token[] {
  const own = text.slice(start, end);
  if (own.trim() === '') return [];
  const { tokens } = tokenizer.encodeBody(own, specialsAsText ? [0, own.length] : undefined);
  const placed = tokens.map((token) =>
    token.start < 0 ? token : { ...token, start: token.start + start, end: token.end + start },
  );
  const window = { totalTokens: tokens.length, start: 0, end: tokens.length, startOffset: start, endOffset: end };
  return withWords(placed, text, window, written);
}
