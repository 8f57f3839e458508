export { createTokenizer, type Encoding, type NamedToken, type TextTokenizer, type TokenizerFiles } from './tokenizer';
export { type ChatMessage, type ChatTokens, encodeChat, renderChat } from './chat/chat';
