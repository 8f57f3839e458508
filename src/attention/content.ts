/**
 * Which tokens a question or an answer is about. While a text is being generated, restarted or branched, what is asked for and what is
 * there can be two things; so a question names the tokens that it is about, and is answered about those or not at all.
 */
import { FNV_START, fnvStep } from '../hash/fnv';
import type { SequenceName, Token } from './types';

export interface Content {
  /** So many tokens of each sequence, from its start. */
  readonly source: number;
  readonly target: number;
  /** A hash of their ids and of the words that they make, in order: source, then target. */
  readonly hash: number;
}

type Ids = readonly Pick<Token, 'id' | 'joins'>[];

function hashOf(source: Ids, sourceLength: number, target: Ids, targetLength: number): number {
  let hash = FNV_START;
  // A -1 between them: the same ids cut at another place are another content.
  const take = (id: number): void => void (hash = fnvStep(hash, id));
  const takeAll = (ids: Ids, length: number): void => {
    for (let i = 0; i < length; i++) {
      take(ids[i]?.id ?? -1);
      if (ids[i]?.joins === true) take(-2);
    }
  };
  takeAll(source, sourceLength);
  take(-1);
  takeAll(target, targetLength);
  return hash;
}

/** The content of these tokens. */
export function contentOf(source: Ids, target: Ids): Content {
  return {
    source: source.length,
    target: target.length,
    hash: hashOf(source, source.length, target, target.length),
  };
}

/** True where the tokens begin with this content: what is asked about it can be told, whatever was written after it. */
export function hasContent(content: Content, source: Ids, target: Ids): boolean {
  return (
    content.source <= source.length &&
    content.target <= target.length &&
    content.hash === hashOf(source, content.source, target, content.target)
  );
}

/** Equal texts mean equal contents. */
export const contentKey = ({ source, target, hash }: Content): string => `${source}+${target}:${hash}`;

export type Lengths = Readonly<Record<SequenceName, number>>;
