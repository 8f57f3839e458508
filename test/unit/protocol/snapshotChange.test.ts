import { describe, expect, it } from 'vitest';
import type { Token } from '../../../src/attention/types';
import type { DecoderStep } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { newsOf, withNews } from '../../../src/protocol/snapshotChange';
import { emptySnapshot } from '../../../src/session/state/state';

const token = (id: number): Token => ({ id, text: `t${id}`, special: false, start: -1, end: -1, partial: false });
const step = (id: number): DecoderStep => ({
  index: id,
  chosen: { id, text: `t${id}`, probability: 0.5 },
  rank: 1,
  top: [],
  origin: 'greedy',
  milliseconds: 1,
});

const SOURCE = Array.from({ length: 500 }, (_, id) => token(id));
const BASE: ExplanationSnapshot = {
  ...emptySnapshot('one', 'a.txt:1'),
  revision: 7,
  status: 'generating',
  source: SOURCE,
  target: [token(1)],
  steps: [step(1)],
};
const NEXT: ExplanationSnapshot = {
  ...BASE,
  revision: 9,
  target: [...BASE.target, token(2), token(3)],
  steps: [...BASE.steps, step(2), step(3)],
};

const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('news of an explanation', () => {
  it('is the whole once, and then only what is new', () => {
    expect(newsOf(null, BASE)).toEqual({ type: 'whole', snapshot: BASE });
    expect(newsOf(BASE, NEXT)).toEqual({
      type: 'change',
      change: {
        explanation: 'one',
        from: 7,
        revision: 9,
        set: {},
        append: { target: [token(2), token(3)], steps: [step(2), step(3)] },
      },
    });
    // A token more costs the same however long the text is.
    expect(JSON.stringify(newsOf(BASE, NEXT)).length).toBeLessThan(800);
    expect(JSON.stringify(newsOf(null, BASE)).length).toBeGreaterThan(30_000);
  });

  it('is whole again for another explanation, and for none', () => {
    expect(newsOf(BASE, { ...BASE, id: 'two' })).toMatchObject({ type: 'whole' });
    expect(newsOf(BASE, null)).toEqual({ type: 'whole', snapshot: null });
  });

  it('names what was set, and what was generated anew after a branch', () => {
    const branched = {
      ...NEXT,
      revision: 10,
      status: 'paused' as const,
      target: [token(1), token(9)],
      steps: [step(1), step(9)],
    };
    const news = newsOf(NEXT, branched);
    expect(news).toMatchObject({ change: { set: { status: 'paused', target: branched.target }, append: {} } });
    expect(withNews(NEXT, sent(news))).toEqual(branched);
  });

  it('makes the later snapshot of the earlier one', () => {
    expect(withNews(sent(BASE), sent(newsOf(BASE, NEXT)))).toEqual(NEXT);
    const stale = { ...NEXT, revision: 11, stale: true, error: { code: 'RUN_FAILED' as const, message: 'No.' } };
    expect(withNews(NEXT, sent(newsOf(NEXT, stale)))).toEqual(stale);
  });

  it('asks for the whole where something was missed', () => {
    const later = { ...NEXT, revision: 12, stale: true };
    expect(withNews(BASE, newsOf(NEXT, later))).toBeUndefined();
    expect(withNews(null, newsOf(BASE, NEXT))).toBeUndefined();
    expect(withNews({ ...BASE, id: 'other' }, newsOf(BASE, NEXT))).toBeUndefined();
  });

  it('that is older than what is known changes nothing', () => {
    const later = { ...NEXT, revision: 12 };
    expect(withNews(later, newsOf(BASE, NEXT))).toBe(later);
    expect(withNews(later, { type: 'whole', snapshot: BASE })).toBe(later);
  });
});
