/** Sentences of the room `vscode`. Keys begin with `host.`. */
export const HOST = {
  'host.badRequest': 'The panel sent a request that does not fit ({method}); close it and explain the text again.',
} as const;
