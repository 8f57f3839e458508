/** Sentences of the room `hub`. Keys begin with `hub.`. */
export const HUB = {} as const;
