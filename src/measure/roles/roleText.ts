/** What a head's rows are about, as the roles need it: from the tokens on both sides. */
import { ROLE_NAMES, type KindInfo, type RoleName, type Token } from '../../attention/types';
import type { RoleText } from './roles';

/** What cross-attention has: no token of one text is before, after or the same as one of the other. */
const CROSS_ROLES: readonly RoleName[] = ['sink', 'punctuation', 'diagonal', 'entropy'];

const HAS_WORD = /[\p{L}\p{N}\p{M}]/u;

/** A mark or symbol of the text: neither a word's token, nor white space, nor some bytes of a character. */
function isPunctuation({ text, special, partial }: Token): boolean {
  return !special && !partial && text.trim() !== '' && !HAS_WORD.test(text);
}

const marks = (tokens: readonly Token[], isMarked: (token: Token, index: number) => boolean): Uint8Array =>
  Uint8Array.from(tokens, (token, index) => Number(isMarked(token, index)));

/**
 * @param queries the tokens whose rows are measured
 * @param keys the tokens that they look at; the same ones for a self-attention
 * @param firstIsSink whether the first key counts as a sink though it is of the text (decoder-only models)
 */
export function roleTextOf(
  { kind, queries: of, keys: at }: KindInfo,
  queries: readonly Token[],
  keys: readonly Token[],
  firstIsSink: boolean,
): RoleText {
  const isSelf = of === at;
  const isMasked = kind === 'decoder';
  return {
    queryIds: queries.map(({ id }) => id),
    keyIds: keys.map(({ id }) => id),
    // The first row of a masked self-attention sees itself alone: where it looks says nothing.
    skipQuery: marks(queries, ({ special }, index) => special || (isMasked && index === 0)),
    sinkKey: marks(keys, ({ special }, index) => special || (firstIsSink && index === 0)),
    punctuationKey: marks(keys, isPunctuation),
    self: isSelf,
  };
}

/** Roles that a kind of attention can have: only between a text and itself are there neighbours. */
export function rolesOf({ kind, queries, keys }: Pick<KindInfo, 'kind' | 'queries' | 'keys'>): readonly RoleName[] {
  if (queries !== keys) return CROSS_ROLES;
  return kind === 'decoder' ? ROLE_NAMES.filter((role) => role !== 'next') : ROLE_NAMES;
}
