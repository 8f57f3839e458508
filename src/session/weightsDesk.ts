/**
 * One question to the engine for everybody who looks at the same token: a hover in the panel colours the editor too,
 * and both want the same weights. Answers are kept for as long as the explanation has the same tokens.
 */
import { contentKey, contentOf } from '../attention/content';
import type { Token, TokenWeights } from '../attention/types';
import type { EngineApi, TokenQuery } from '../protocol/engine';

/** Answers kept for an explanation; a pointer comes back to the tokens it has just left. */
const KEPT = 8;

interface Question {
  readonly answer: Promise<readonly TokenWeights[]>;
  readonly abort: AbortController;
  /** Who still waits; the last to leave calls the question off. */
  waiting: number;
  answered: boolean;
}

/** The tokens that an answer is of. */
export interface ContentTokens {
  readonly source: readonly Token[];
  readonly target: readonly Token[];
}

export class WeightsDesk {
  readonly #questions = new Map<string, Map<string, Question>>();
  readonly #contents = new Map<string, ContentTokens>();

  /** The exact weights of some tokens, asked of the engine once however many want them. */
  async ask(
    api: EngineApi,
    { of: asked, ...query }: TokenQuery,
    content: ContentTokens,
    signal?: AbortSignal,
  ): Promise<readonly TokenWeights[]> {
    signal?.throwIfAborted();
    const { explanation, sequence, indices, measure = 'weight', axis = 'tokens', rollout = -1 } = query;
    const questions = this.#questionsOf(explanation, content);
    // A page may be a token behind: it is answered about the tokens that it has.
    const of = asked ?? contentOf(content.source, content.target);
    const key = `${contentKey(of)}/${sequence}/${measure}/${axis}/${rollout}/${indices.join(',')}`;
    const question = questions.get(key) ?? this.#open(api, { ...query, of }, questions, key);
    // The newest last: the oldest is let go first.
    questions.delete(key);
    questions.set(key, question);
    question.waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        question.waiting--;
        if (question.waiting === 0 && !question.answered) {
          if (questions.get(key) === question) questions.delete(key);
          question.abort.abort();
        }
        const cancelled = new Error('Cancelled.');
        cancelled.name = 'AbortError';
        reject(cancelled);
      };
      signal?.addEventListener('abort', leave, { once: true });
      question.answer
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener('abort', leave))
        .catch(() => undefined);
    });
  }

  /** Lets go of what is known of explanations that are gone. */
  keep(explanations: ReadonlySet<string>): void {
    for (const id of [...this.#questions.keys()].filter((known) => !explanations.has(known))) {
      this.#questions.delete(id);
      this.#contents.delete(id);
    }
  }

  #questionsOf(explanation: string, content: ContentTokens): Map<string, Question> {
    const before = this.#contents.get(explanation);
    const known = this.#questions.get(explanation);
    if (known && before?.source === content.source && before.target === content.target) return known;
    const fresh = new Map<string, Question>();
    this.#questions.set(explanation, fresh);
    this.#contents.set(explanation, { source: content.source, target: content.target });
    return fresh;
  }

  #open(api: EngineApi, query: TokenQuery, questions: Map<string, Question>, key: string): Question {
    for (const oldest of questions.keys()) {
      if (questions.size < KEPT) break;
      questions.delete(oldest);
    }
    const abort = new AbortController();
    const answer = api.tokenWeights(query, abort.signal);
    const question: Question = { answer, abort, waiting: 0, answered: false };
    answer.then(
      () => (question.answered = true),
      () => {
        // What failed may succeed the next time.
        question.answered = true;
        if (questions.get(key) === question) questions.delete(key);
      },
    );
    return question;
  }
}
