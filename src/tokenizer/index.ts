export { createTokenizer, type Encoding, type NamedToken, type TextTokenizer, type TokenShare } from './tokenizer';
