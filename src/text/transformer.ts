/** Sentences of the room `transformer`. Keys begin with `transformer.`. */
export const TRANSFORMER = {} as const;
