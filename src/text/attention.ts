/** Sentences of the room `attention`. Keys begin with `attention.`. */
export const ATTENTION = {} as const;
