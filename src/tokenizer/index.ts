/** The room's door: a model's tokenizer, and its chat template. */
export { createTokenizer, type TextTokenizer } from './tokenizer';
export { MOST_SHARING } from './offsets/dividedCharacters';
export { encodeChat, renderChat } from './chat/chat';
