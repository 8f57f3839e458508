/** A text as the message of a chat (`chat_template` of tokenizer_config.json, or chat_template.jinja). */
import type { Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import { renderJinja } from './boundedJinja';
import type { TextTokenizer } from '../tokenizer';
import { say } from '../../text/say';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * The prompt that a chat model was trained to see, up to where it would answer.
 * @param specials what `bos_token`, `eos_token`, … stand for
 * @throws ExplainError TOKENIZER_UNSUPPORTED where the template is broken, refuses the text, or would not end
 */
export function renderChat(
  template: string,
  messages: readonly ChatMessage[],
  specials: Readonly<Record<string, unknown>> = {},
): string {
  try {
    return renderJinja(template, {
      ...specials,
      messages: messages.map((message) => ({ ...message })),
      tools: null,
      documents: null,
      add_generation_prompt: true,
    });
  } catch (error) {
    // A template can put the text into what it says (`raise_exception`): only its own words may reach the log.
    const said = error instanceof Error ? error.message.slice(0, 200) : '';
    throw unusable(said !== '' && template.includes(said) ? said : 'it fails on this text');
  }
}

function unusable(detail: string): ExplainError {
  return new ExplainError('TOKENIZER_UNSUPPORTED', say('tokenizer.chatUnusable'), { detail });
}

/** A rendered chat, and where the user's text is in it. */
export interface ChatPrompt {
  readonly rendered: string;
  /** UTF-16 offsets [from, to) of the text's place; all of it where the place cannot be told. */
  readonly from: number;
  readonly to: number;
  /** The offset in the text of what stands at `from`; -1 where the template changed the text, so that no offset would be true. */
  readonly offset: number;
}

/** Stands in the text's place while a template is tried: templates neither trim nor split it, and none looks for it. */
const PLACEHOLDER = 'Qx7vPlaceholderQx7v';
/** Characters of each end of a long text that the template sees; a placeholder stands for what is between. */
const SEEN = 2000;

/** Cuts a long text for the template: `given` is what the template sees, `inner` what its placeholder stands for. */
function abridge(text: string): { readonly given: string; readonly inner: string } {
  // White space at the ends is what templates trim: beyond it there must be something that stays.
  const head = text.length - text.trimStart().length + SEEN;
  const tail = text.trimEnd().length - SEEN;
  return head < tail
    ? { given: text.slice(0, head) + PLACEHOLDER + text.slice(tail), inner: text.slice(head, tail) }
    : { given: text, inner: '' };
}

/**
 * Renders `text` as the user's message, and finds it: what a placeholder has round it, the text must have too. A
 * template that trims the text is followed to what it left. The inside of a long text is put in after the template has
 * done its work: no usual template looks at it, and a hostile one has nothing long to work on.
 * @throws ExplainError TOKENIZER_UNSUPPORTED
 */
function chatPrompt(template: string, text: string, specials: Readonly<Record<string, unknown>>): ChatPrompt {
  const render = (content: string): string => renderChat(template, [{ role: 'user', content }], specials);
  const { given, inner } = abridge(text);
  const short = render(given);
  const [, ...places] = inner === '' ? [] : short.split(PLACEHOLDER);
  if (inner !== '' && places.length !== 1) throw unusable('it changes a long text');
  const rendered = inner === '' ? short : short.replace(PLACEHOLDER, () => inner);
  const unknown = { rendered, from: 0, to: rendered.length, offset: -1 };
  const [before, after, ...more] = render(PLACEHOLDER).split(PLACEHOLDER);
  if (before === undefined || after === undefined || more.length > 0) return unknown;
  const from = before.length;
  const to = rendered.length - after.length;
  if (to < from || !rendered.startsWith(before) || !rendered.endsWith(after)) return unknown;
  const middle = rendered.slice(from, to);
  // All but white space must be there: then it stands where the text's first character that is none does.
  const offset = text.length - text.trimStart().length - (middle.length - middle.trimStart().length);
  const same = offset >= 0 && text.startsWith(middle, offset) && text.slice(offset + middle.length).trim() === '';
  return { rendered, from, to, offset: same ? offset : -1 };
}

/** A chat's tokens: the template's before and after the text have no place in it. */
export interface ChatTokens {
  readonly before: readonly Token[];
  /** The text's own, with their place in it. */
  readonly body: readonly Token[];
  readonly after: readonly Token[];
}

/**
 * Tokenises a text as a chat message. The template writes the special tokens itself, so none are added, as in
 * transformers' `apply_chat_template`. A token over the border of the text has the text's part of its place.
 * @param asText special tokens that are typed in the text are read as the text that they are
 * @throws ExplainError TOKENIZER_UNSUPPORTED
 */
export function encodeChat(tokenizer: TextTokenizer, text: string, asText = false): ChatTokens {
  if (tokenizer.chatTemplate === null) throw new ExplainError('INVALID_REQUEST', say('tokenizer.noChat'));
  const { rendered, from, to, offset } = chatPrompt(tokenizer.chatTemplate, text, tokenizer.chatSpecials);
  const { tokens } = tokenizer.encodeBody(rendered, asText && to > from ? [from, to] : undefined);
  const placeless = (token: Token): Token => ({ ...token, start: -1, end: -1 });
  const last = tokens.findLastIndex((token) => token.start >= 0 && token.start < to);
  const found = tokens.findIndex((token) => token.end > from);
  const first = found < 0 ? tokens.length : found;
  const place = (token: Token): Token => {
    const start = Math.max(from, token.start);
    const end = Math.min(to, token.end);
    return offset < 0 || token.start < 0 || start >= end
      ? placeless(token)
      : { ...token, start: start - from + offset, end: end - from + offset };
  };
  return {
    before: tokens.slice(0, first).map(placeless),
    body: tokens.slice(first, last + 1).map(place),
    after: tokens.slice(Math.max(first, last + 1)).map(placeless),
  };
}
