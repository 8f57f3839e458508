/** Chat templates (`chat_template` of tokenizer_config.json), rendered by `@huggingface/jinja`. */
import { Template } from '@huggingface/jinja';
import { ExplainError } from '../errors';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const LONGEST_TEMPLATE = 100_000;
const MOST_LOOPS = 2;
const LONGEST_RESULT = 4_000_000;

/**
 * The prompt that a chat model was trained to see. Templates come from strangers: jinja has no file, network or
 * code access here, but it could loop; so a template is refused that is very long, loops over `range` or over
 * products of lists (more than two loops inside one another), multiplies strings, or calls itself.
 * @param specials what `bos_token`, `eos_token`, … stand for
 * @throws ExplainError TOKENIZER_UNSUPPORTED
 */
export function renderChat(template: string, messages: readonly ChatMessage[], specials: Readonly<Record<string, string>> = {}): string {
  const reason = whyRefused(template);
  if (reason !== null) throw refused(reason);
  try {
    const text = new Template(template).render({ ...specials, messages: messages.map((message) => ({ ...message })), add_generation_prompt: true });
    if (text.length > LONGEST_RESULT) throw refused('its result is too long');
    return text;
  } catch (error) {
    throw error instanceof ExplainError ? error : refused(error instanceof Error ? error.message.slice(0, 200) : 'it fails');
  }
}

function refused(detail: string): ExplainError {
  return new ExplainError('TOKENIZER_UNSUPPORTED', 'The model’s chat template could not be used, so the text can be explained only as it is, without a chat round it.', { detail });
}

function whyRefused(template: string): string | null {
  if (template.length > LONGEST_TEMPLATE) return 'it is very long';
  let depth = 0;
  for (const [block] of template.matchAll(/\{%.*?%\}|\{\{.*?\}\}/gsu)) {
    if (/\brange\s*\(/u.test(block)) return 'it loops over a range';
    if (/["')\]]\s*\*|\*\s*["']|\*\*/u.test(block)) return 'it multiplies strings';
    if (/\brecursive\b/u.test(block)) return 'it calls itself';
    if (/^\{%-?\s*for\b/u.test(block) && ++depth > MOST_LOOPS) return 'its loops are too deep';
    if (/^\{%-?\s*endfor\b/u.test(block)) depth--;
    if (/^\{%-?\s*macro\b/u.test(block)) return 'it defines macros';
  }
  return null;
}
