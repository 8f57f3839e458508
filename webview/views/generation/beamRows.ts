/** The tree of a beam search as rows: each a run of tokens that no other text parts from, under the run that it follows. */
import type { BeamReport, BeamToken } from '../../../src/protocol/engine';

export interface BeamRow {
  /** Its last token, by its place in the tree: what is opened. */
  readonly token: number;
  readonly tokens: readonly BeamToken[];
  /** 1 for those that begin where the search began. */
  readonly level: number;
  /** Ended, still going on, given up, or gone on with in the rows under it. */
  readonly state: 'ended' | 'running' | 'left' | 'inner';
  /** Of the texts that have ended, 1 for the best; 0 for any other. */
  readonly rank: number;
  /** How many tokens the text has up to here. */
  readonly length: number;
  /** The sum of their log probabilities, after the length penalty. */
  readonly score: number;
}

export interface BeamRows {
  readonly rows: readonly BeamRow[];
  /** How many texts were given up. */
  readonly left: number;
}

/** @param all with the texts that were given up */
export function beamRows({ tokens, running, ended, opened, lengthPenalty }: BeamReport, all: boolean): BeamRows {
  const last = new Set([...running, ...ended.map(({ token }) => token)]);
  const ranks = new Map(ended.map(({ token }, at) => [token, at + 1]));
  const parents = new Set(tokens.map(({ parent }) => parent));
  const given = tokens.flatMap((_, at) => (parents.has(at) || last.has(at) ? [] : [at]));
  const shown = new Set<number>();
  for (const from of [...last, ...(all ? given : []), ...(opened < 0 ? [] : [opened])])
    for (let at = from; at >= 0 && !shown.has(at); at = tokens[at]?.parent ?? -1) shown.add(at);
  const children = new Map<number, number[]>();
  for (const [at, { parent }] of tokens.entries())
    if (shown.has(at)) children.set(parent, [...(children.get(parent) ?? []), at]);

  const scoreAt = (token: number, length: number): number => (tokens[token]?.sum ?? 0) / length ** lengthPenalty;
  const stateOf = (token: number, hasMore: boolean): BeamRow['state'] => {
    if (ranks.has(token)) return 'ended';
    if (running.includes(token)) return 'running';
    return hasMore ? 'inner' : 'left';
  };
  const rows: BeamRow[] = [];
  // What is still to be shown, the next one last.
  const waiting = (children.get(-1) ?? []).map((token) => ({ token, level: 1, length: 1 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { level } = next;
    let { token, length } = next;
    const run = [token];
    for (;;) {
      const [only, ...others] = children.get(token) ?? [];
      // The text on show ends here, whatever others went on from it.
      if (only === undefined || others.length > 0 || token === opened) break;
      token = only;
      length++;
      run.push(token);
    }
    const more = children.get(token) ?? [];
    rows.push({
      token,
      tokens: run.flatMap((at) => tokens[at] ?? []),
      level,
      state: stateOf(token, more.length > 0),
      rank: ranks.get(token) ?? 0,
      length,
      score: scoreAt(token, length),
    });
    for (const child of [...more].reverse()) waiting.push({ token: child, level: level + 1, length: length + 1 });
  }
  return { rows, left: given.length };
}

/** The tokens from the search's beginning to one of them. */
export function beamPath({ tokens }: Pick<BeamReport, 'tokens'>, token: number): readonly BeamToken[] {
  const path: BeamToken[] = [];
  for (let at = tokens[token]; at; at = tokens[at.parent]) path.push(at);
  return path.reverse();
}
