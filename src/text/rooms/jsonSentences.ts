/** Sentences of the room `json`. Keys begin with `json.`. */
export const JSON_FILES = {
  'json.broken':
    'The model’s {file} is not valid JSON (line {line}, column {column}: {reason}): it may be cut or damaged; get it again.',
  'json.notText': 'The model’s {file} is not UTF-8 text: it may be cut or damaged; get it again.',
  'json.reason.deep': 'nested more than {most} levels deep',
  'json.reason.more': 'there is more after the end',
  'json.reason.ends': 'the text ends here',
  'json.reason.value': 'a value is expected',
  'json.reason.name': 'a name in double quotes is expected',
  'json.reason.colon': 'a colon is expected',
  'json.reason.brace': 'a comma or a closing brace is expected',
  'json.reason.bracket': 'a comma or a closing bracket is expected',
  'json.reason.endsInString': 'the text ends inside a string',
  'json.reason.control': 'a control character stands inside a string',
  'json.reason.escape': 'an escape that JSON does not have',
} as const;
