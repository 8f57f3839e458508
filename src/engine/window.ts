/** Which part of a text a model takes, tokenised as it takes it. */
import type { Token } from '../attention/types';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { TextWindow } from '../protocol/engine';
import { encodeChat } from '../tokenizer/index';
import type { LoadedModel } from './loadedModel';

export interface Windowed {
  readonly window: TextWindow;
  /** The window's tokens with what goes round them: the tokenizer's special tokens, or a chat. */
  readonly tokens: readonly Token[];
}

type Reader = Pick<LoadedModel, 'tokenizer' | 'promptLimit'>;

/** A text's own tokens, and what goes round a window of them. */
interface Reading {
  readonly body: readonly Token[];
  /** How many tokens `wrap` adds. */
  readonly frameLength: number;
  readonly wrap: (body: readonly Token[]) => readonly Token[];
}

function readPlain(text: string, { tokenizer }: Reader, specialsAsText: boolean): Reading {
  return {
    body: tokenizer.encodeBody(text, specialsAsText ? [0, text.length] : undefined).tokens,
    frameLength: tokenizer.frameLength,
    wrap: (part) => tokenizer.wrap(part),
  };
}

function readChat(text: string, { tokenizer, promptLimit }: Reader, specialsAsText: boolean): Reading {
  const { before, body, after } = encodeChat(tokenizer, text, specialsAsText);
  const frameLength = before.length + after.length;
  if (frameLength >= promptLimit) throw new ExplainError('TOKENIZER_UNSUPPORTED', say('engine.longChat'));
  return { body, frameLength, wrap: (part) => [...before, ...part, ...after] };
}

/**
 * Cuts the text's tokens to what the model takes, from token `start` on, and puts round them what belongs there.
 * @param chat as the user's message of a chat
 * @param specialsAsText special tokens that are typed in the text are read as the text that they are
 * @throws ExplainError EMPTY_SELECTION, NO_TOKENS, TOKENIZER_UNSUPPORTED
 */
export function readWindow(text: string, model: Reader, start: number, chat = false, specialsAsText = false): Windowed {
  // Many tokenizers make tokens of white space, but there is nothing to explain in it.
  if (text.trim() === '') throw new ExplainError('EMPTY_SELECTION', say('engine.onlySpace'));
  const { body, frameLength, wrap } = (chat ? readChat : readPlain)(text, model, specialsAsText);
  if (body.length === 0) throw new ExplainError('NO_TOKENS', say('engine.nothingToRead'));
  const room = Math.max(1, model.promptLimit - frameLength);
  const from = body.length <= room ? 0 : Math.min(Math.max(0, start), body.length - 1);
  const to = Math.min(body.length, from + room);
  const first = body[from];
  const last = body[to - 1];
  return {
    window: {
      totalTokens: body.length,
      start: from,
      end: to,
      startOffset: from === 0 || !first || first.start < 0 ? 0 : first.start,
      endOffset: to === body.length || !last || last.end < 0 ? text.length : last.end,
    },
    tokens: wrap(from === 0 && to === body.length ? body : body.slice(from, to)),
  };
}
