/** What of a text or its model is changed, in words: beside every number that it makes another. */
import { listOf } from '../text/listInSentence';
import { say } from '../text/say';
import { cutLabel, textLabel } from './tokenLabel';

/** More pieces than these are counted, not named. */
const NAMED = 3;
/** Characters of a piece's name. */
const LONGEST = 40;

interface Changed {
  readonly manner: 'removed' | 'replaced';
  /** The texts of what is left out. */
  readonly pieces: readonly string[];
}

/** `“too tired”, “because” and 2 more` */
export function namesOfPieces(pieces: readonly string[]): string {
  const named = pieces.slice(0, NAMED).map((piece) => {
    const token = cutLabel(textLabel(piece), LONGEST);
    return say('webview.token.quoted', { token });
  });
  const rest = pieces.length - named.length;
  return listOf(rest > 0 ? [...named, say('attention.intervention.more', { count: rest })] : named);
}

/** `without “too tired”` */
export const interventionName = ({ manner, pieces }: Changed): string =>
  say(`attention.intervention.${manner}`, { pieces: namesOfPieces(pieces) });

/** What stands beside numbers of a text of which something is changed. */
export const readSentence = (changed: Changed): string =>
  say('attention.intervention.read', { what: interventionName(changed) });
