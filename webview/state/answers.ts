/**
 * What has come back, each answer kept under what it is of. There is no way to get at an answer but by saying what is on
 * show, so nothing can be shown under another name.
 */
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import { signal } from '@preact/signals-core';
import { contentKey, contentOf, hasContent, type Content } from '../../src/attention/content';
import type { Token } from '../../src/attention/types';
import { follow } from './frames';
import { ByteCache } from './loader';

/** The tokens that a question is about. */
export interface AskedTokens {
  readonly explanation: string;
  readonly of: Content;
}

/** The tokens on show. */
export interface PresentText {
  readonly id: string;
  readonly source: readonly Token[];
  readonly target: readonly Token[];
}

/** The text of a snapshot. Of tokens that are there before their model there are no numbers yet. */
export const presentText = (snapshot: ExplanationSnapshot | null): PresentText | undefined =>
  snapshot?.early === false ? { id: snapshot.id, source: snapshot.source, target: snapshot.target } : undefined;

export const askedTokensOf = ({ id, source, target }: PresentText): AskedTokens => ({
  explanation: id,
  of: contentOf(source, target),
});

export interface Answers<Value> {
  readonly put: (subject: AskedTokens, what: string, value: Value) => void;
  /** The answer to `what` about exactly this text. */
  readonly exact: (text: PresentText, what: string) => Value | undefined;
  /** The answer that came last, where `accept` takes it and the text has only grown since what it is about. */
  readonly newest: (text: PresentText, accept: (value: Value) => boolean) => Value | undefined;
}

interface Entry<Value> {
  readonly subject: AskedTokens;
  readonly value: Value;
}

export const subjectKey = ({ explanation, of }: AskedTokens): string => `${explanation}/${contentKey(of)}`;

/**
 * Keeps the newest answers within a number of bytes. What is read of it inside a drawing or a `computed` is followed.
 * @param bytesOf how much an answer holds
 */
export function createAnswers<Value>(limit: number, bytesOf: (value: Value) => number): Answers<Value> {
  const entries = new ByteCache<Value>(limit);
  const newest = signal<Entry<Value> | undefined>(undefined);
  return {
    put(subject, what, value) {
      entries.set(`${subjectKey(subject)}/${what}`, value, bytesOf(value));
      newest.value = { subject, value };
    },
    exact(text, what) {
      follow(newest.value); // with each answer there may be this one
      return entries.get(`${subjectKey(askedTokensOf(text))}/${what}`);
    },
    newest(text, accept) {
      const last = newest.value;
      const holds = last?.subject.explanation === text.id && hasContent(last.subject.of, text.source, text.target);
      return last && holds && accept(last.value) ? last.value : undefined;
    },
  };
}
