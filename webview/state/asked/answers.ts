/**
 * The engine's answers, each kept under the tokens that it is about. An answer is found only by the text on show, so that nothing is
 * shown under another text's name.
 */
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { signal } from '@preact/signals-core';
import { contentKey, contentOf, hasContent, type Content } from '../../../src/attention/content';
import type { Token } from '../../../src/attention/types';
import { follow } from '../frames';
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

/** The text of a snapshot; undefined while its tokens are shown before their model is loaded, as there are no numbers yet. */
export const presentText = (snapshot: ExplanationSnapshot | null): PresentText | undefined =>
  snapshot?.early === false ? { id: snapshot.id, source: snapshot.source, target: snapshot.target } : undefined;

/** What a question about all of a text's present tokens is about. */
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

/** Equal for questions about the same tokens of the same explanation, and only for those. */
export const subjectKey = ({ explanation, of }: AskedTokens): string => `${explanation}/${contentKey(of)}`;

/**
 * Keeps the newest answers within a number of bytes. A drawing or a `computed` that reads an answer runs again when it changes.
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
      follow(newest.value); // each new answer may be the one that is missing here
      return entries.get(`${subjectKey(askedTokensOf(text))}/${what}`);
    },
    newest(text, accept) {
      const last = newest.value;
      const holds = last?.subject.explanation === text.id && hasContent(last.subject.of, text.source, text.target);
      return last && holds && accept(last.value) ? last.value : undefined;
    },
  };
}
