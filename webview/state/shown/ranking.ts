/** Which heads the overview shows, and in which order, where it is arranged by a role. */
import { ROLE_NAMES, type HeadRef, type RoleName, type RoleTable } from '../../../src/attention/types';
import { isObject } from '../../../src/json/fields';

export const ORDERS = ['highest', 'lowest', 'place'] as const;
export const MEASURED_ON = ['text', 'probe'] as const;

export interface Ranking {
  /** The role that heads are arranged by; null for the plain overview. */
  readonly role: RoleName | null;
  /** Scores of the text on show, or of the probe set. */
  readonly on: (typeof MEASURED_ON)[number];
  readonly order: (typeof ORDERS)[number];
  /** Heads below this are left out (above it, with the lowest first); null leaves out none. */
  readonly bound: number | null;
}

export const NO_RANKING: Ranking = { role: null, on: 'text', order: 'highest', bound: null };

export interface RankedHead extends Pick<HeadRef, 'layer' | 'head'> {
  readonly score: number;
}

/** The heads that have a score within the bound, in order; heads of equal scores by layer and head. */
export function rankedHeads({ heads, scores }: RoleTable, { role, order, bound }: Ranking): readonly RankedHead[] {
  if (role === null) return [];
  const known = scores[role].flatMap((score, at): RankedHead[] =>
    score === null ? [] : [{ layer: Math.floor(at / heads), head: at % heads, score }],
  );
  const isWithin = ({ score }: RankedHead): boolean =>
    bound === null || (order === 'lowest' ? score <= bound : score >= bound);
  const sign = { highest: -1, lowest: 1, place: 0 }[order];
  return known.filter(isWithin).sort((one, other) => sign * (one.score - other.score));
}

/** What was saved by an earlier page, or a whole one in its place. */
export function readRanking(saved: unknown): Ranking {
  if (!isObject(saved)) return NO_RANKING;
  const { role, on, order, bound } = saved;
  const pick = <Value>(list: readonly Value[], value: unknown, otherwise: Value): Value =>
    list.find((one) => one === value) ?? otherwise;
  return {
    role: pick<RoleName | null>(ROLE_NAMES, role, null),
    on: pick(MEASURED_ON, on, 'text'),
    order: pick(ORDERS, order, 'highest'),
    bound: typeof bound === 'number' && Number.isFinite(bound) ? bound : null,
  };
}
