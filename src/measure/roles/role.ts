/** What each role is called, what its score says, and how it is written. */
import type { RoleName } from '../../attention/types';
import { say, type PlainKey } from '../../text/say';

export interface Role {
  readonly name: RoleName;
  /** Its name, as it stands in a menu. */
  readonly title: PlainKey;
  /** One word for it, on a badge. */
  readonly short: PlainKey;
  /** What is measured, in a sentence. */
  readonly about: PlainKey;
  /** What the score counts: a share of something from 0 to 1, or tokens. */
  readonly unit: 'share' | 'tokens';
}

export const ROLES: Readonly<Record<RoleName, Role>> = {
  previous: {
    name: 'previous',
    title: 'measure.role.previous',
    short: 'measure.role.previousShort',
    about: 'measure.role.previousAbout',
    unit: 'share',
  },
  next: {
    name: 'next',
    title: 'measure.role.next',
    short: 'measure.role.nextShort',
    about: 'measure.role.nextAbout',
    unit: 'share',
  },
  same: {
    name: 'same',
    title: 'measure.role.same',
    short: 'measure.role.sameShort',
    about: 'measure.role.sameAbout',
    unit: 'share',
  },
  sink: {
    name: 'sink',
    title: 'measure.role.sink',
    short: 'measure.role.sinkShort',
    about: 'measure.role.sinkAbout',
    unit: 'share',
  },
  punctuation: {
    name: 'punctuation',
    title: 'measure.role.punctuation',
    short: 'measure.role.punctuationShort',
    about: 'measure.role.punctuationAbout',
    unit: 'share',
  },
  diagonal: {
    name: 'diagonal',
    title: 'measure.role.diagonal',
    short: 'measure.role.diagonalShort',
    about: 'measure.role.diagonalAbout',
    unit: 'share',
  },
  duplicate: {
    name: 'duplicate',
    title: 'measure.role.duplicate',
    short: 'measure.role.duplicateShort',
    about: 'measure.role.duplicateAbout',
    unit: 'share',
  },
  induction: {
    name: 'induction',
    title: 'measure.role.induction',
    short: 'measure.role.inductionShort',
    about: 'measure.role.inductionAbout',
    unit: 'share',
  },
  entropy: {
    name: 'entropy',
    title: 'measure.role.entropy',
    short: 'measure.role.entropyShort',
    about: 'measure.role.entropyAbout',
    unit: 'share',
  },
  distance: {
    name: 'distance',
    title: 'measure.role.distance',
    short: 'measure.role.distanceShort',
    about: 'measure.role.distanceAbout',
    unit: 'tokens',
  },
};

/** A score as it is written: `0.83`, `3.2`. */
const scoreNumber = ({ unit }: Pick<Role, 'unit'>, score: number): string => score.toFixed(unit === 'share' ? 2 : 1);

/** Score and measure on a badge: `previous 0.83`. */
export const badgeText = (role: Role, score: number): string =>
  say('measure.role.share', { role: say(role.short), score: scoreNumber(role, score) });

/** A score with what it is of: `previous token 0.83`, `mean distance 3.2 tokens`. */
export function scoreText(role: Role, score: number): string {
  const words = { role: say(role.title).toLowerCase(), score: scoreNumber(role, score) };
  return role.unit === 'share' ? say('measure.role.share', words) : say('measure.role.tokens', words);
}
