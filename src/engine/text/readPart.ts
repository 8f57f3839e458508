/** What a model reads of a text: the window that it takes, in words, as one text or as two. */
import type { TextKind, Token } from '../../attention/types';
import type { ExplainRequest } from '../../protocol/engine';
import type { LoadedModel } from '../model/loadedModel';
import { readCompared, readPair, type ComparedTexts } from './pairReading';
import { withWords } from './readWords';
import { readWindow, type Windowed } from './window';

/** How a text is explained, where it is not simply as it stands. */
export type Ways = Pick<ExplainRequest, 'masked' | 'chat' | 'specialsAsText' | 'written' | 'pair' | 'intervention'>;

/** The part of a text that a model takes, with its words marked. */
export function readPart(
  text: string,
  start: number,
  model: LoadedModel,
  { pair, chat, specialsAsText = false }: Ways,
  written: TextKind,
): Windowed & Partial<ComparedTexts> {
  if (pair && model.head?.task === 'embedding')
    return readCompared(text, model, pair, start, { specialsAsText, written });
  const read = pair && model.report.pairs ? readPair(text, model, pair, start, { specialsAsText, written }) : undefined;
  if (read) return read;
  const { window, tokens } = readWindow(text, model, start, chat === true && model.report.chatTemplate, specialsAsText);
  return { window, tokens: withWords(tokens, text, window, written) };
}

/** Where a text's tokens go: what an encoder reads, and what the decoder has before its first step. */
export function sequencesOf(
  tokens: readonly Token[],
  { report, tokenizer, spec }: LoadedModel,
): { readonly source: readonly Token[]; readonly target: readonly Token[] } {
  switch (report.family) {
    case 'decoder-only':
      return { source: [], target: tokens };
    case 'encoder-decoder':
      return { source: tokens, target: [tokenizer.token(spec.decoderStart)] };
    case 'encoder-only':
      return { source: tokens, target: [] };
  }
}
