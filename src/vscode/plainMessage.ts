import { sentenceLabel } from '../attention/tokenLabel';

/** Longer messages are not read, and a model's file can make them as long as it likes. */
const LONGEST = 1000;

/**
 * A message that VS Code shows as text only. It makes links of `[text](https://…)` and, in a window that is not trusted
 * too, of `[text](command:…)` (vs/base/common/linkedText.ts); what is between the two brackets keeps it from that. What would change
 * the order of the rest is named.
 */
export function plainMessage(message: string): string {
  const shown = message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message;
  return sentenceLabel(shown).replaceAll('](', '] (');
}

/** A name in a list of VS Code's, which draws an icon for `$(name)` wherever it stands. */
export function plainLabel(name: string): string {
  return plainMessage(name).replaceAll('$(', '$ (');
}
