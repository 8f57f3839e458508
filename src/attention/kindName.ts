import { say } from '../text/say';
import type { AttentionKind } from './types';

/** What a kind of attention is called, in the panel and on the editor's hover card alike. */
export const kindName = (kind: AttentionKind): string => say(`attention.kind.${kind}`);
