/** What tokenizer_config.json says about chats. */
import { type Fields, isObject } from '../tokenizerJson';

/** `chat_template`: a text, or a list of named ones of which `default` is the one without tools. */
export function chatTemplateOf(config: Fields): string | null {
  const template = config['chat_template'];
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return null;
  const named = (template as readonly unknown[]).find((entry) => isObject(entry) && entry['name'] === 'default');
  const text = isObject(named) ? named['template'] : undefined;
  return typeof text === 'string' ? text : null;
}

/** The special tokens' texts by the names that templates have for them: `bos_token`, `eos_token`, … */
export function chatSpecialsOf(config: Fields): Readonly<Record<string, string>> {
  const specials: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (!/^[a-z]+_token$/u.test(name)) continue;
    const text = isObject(value) ? value['content'] : value;
    if (typeof text === 'string') specials[name] = text;
  }
  return specials;
}
