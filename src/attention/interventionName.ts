/** What of a text or its model is changed, in words: beside every number that it makes another. */
import { listOf } from '../text/listInSentence';
import { say } from '../text/say';
import { kindName } from './kindName';
import { layerNumber } from './layers';
import { cutLabel, textLabel } from './tokenLabel';
import type { HeadRef, KindInfo } from './types';

/** More pieces than these are counted, not named. */
const NAMED = 3;
/** Characters of a piece's name. */
const LONGEST = 40;

interface Changed {
  readonly off: readonly HeadRef[];
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

/** More heads than these are counted, not named. */
const NAMED_HEADS = 3;

/** `cross-attention 2.1 off`; layers as the model counts them. */
function offName(off: readonly HeadRef[], kinds: readonly KindInfo[]): string {
  if (off.length > NAMED_HEADS) return say('attention.intervention.manyOff', { count: off.length });
  const named = off.map(({ kind, layer, head }) => {
    const info = kinds.find((one) => one.kind === kind);
    const name = kindName(kind).toLowerCase();
    return say('attention.intervention.head', { kind: name, layer: layerNumber(info, layer), head: head + 1 });
  });
  return say('attention.intervention.off', { heads: listOf(named) });
}

/** `without “too tired”`, `with cross-attention 2.1 off`, or both. @param kinds of the model */
export function interventionName({ manner, pieces, off }: Changed, kinds: readonly KindInfo[] = []): string {
  return listOf([
    ...(pieces.length > 0 ? [say(`attention.intervention.${manner}`, { pieces: namesOfPieces(pieces) })] : []),
    ...(off.length > 0 ? [offName(off, kinds)] : []),
  ]);
}

/** What stands beside numbers of a text of which something is changed. */
export const readSentence = (changed: Changed, kinds: readonly KindInfo[] = []): string =>
  say('attention.intervention.read', { what: interventionName(changed, kinds) });
