export { createTokenizer, type Encoding, type NamedToken, type TextTokenizer, type TokenShare } from './tokenizer';
export { type ChatMessage, renderChat } from './chat';
