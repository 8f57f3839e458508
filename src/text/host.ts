/** Sentences of the room `vscode`. Keys begin with `host.`. */
export const HOST = {} as const;
