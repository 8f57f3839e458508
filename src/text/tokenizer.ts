/** Sentences of the room `tokenizer`. Keys begin with `tokenizer.`. */
export const TOKENIZER = {} as const;
