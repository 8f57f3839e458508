/** Sentences of the room `json`. Keys begin with `json.`. */
export const JSON_FILES = {
  'json.broken':
    'The model’s {file} is not valid JSON (line {line}, column {column}: {reason}): it may be cut or damaged; get it again.',
  'json.notText': 'The model’s {file} is not UTF-8 text: it may be cut or damaged; get it again.',
} as const;
