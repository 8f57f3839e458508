/** The room's door: a model's tokenizer, and its chat template. */
export { createTokenizer, type TextTokenizer } from './tokenizer';
export { encodeChat, renderChat } from './chat/chat';
