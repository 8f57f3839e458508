/**
 * One question to the engine for everybody who looks at the same: a hover in the panel colours the editor too, and both want the same
 * weights; while nothing is looked at, both want the same map. Answers are kept for as long as the explanation has the same tokens.
 */
import { contentKey, contentOf } from '../attention/content';
import type { MapMatrix, Token, TokenWeights } from '../attention/types';
import type { EngineApi, MapQuery, TokenQuery, WeightsQuery } from '../protocol/engine';

interface Question<Answer> {
  readonly answer: Promise<Answer>;
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

/** How one kind of question is asked of the engine, and told from others about the same tokens. */
interface Kind<Query, Answer> {
  /** Answers kept for an explanation. */
  readonly kept: number;
  readonly ask: (api: EngineApi, query: Query, signal: AbortSignal) => Promise<Answer>;
  /** Of everything that the answer depends on but the tokens. */
  readonly nameOf: (query: Query) => string;
}

/** The exact numbers of some tokens. A pointer comes back to the tokens it has just left. */
export const tokensDesk = (): AnswersDesk<TokenQuery, readonly TokenWeights[]> =>
  new AnswersDesk({
    kept: 8,
    ask: (api, query, signal) => api.tokenWeights(query, signal),
    nameOf: ({ sequence, indices, measure = 'weight', axis = 'tokens', rollout = -1 }) =>
      `${sequence}/${measure}/${axis}/${rollout}/${indices.join(',')}`,
  });

/** A map. One of a long text takes megabytes. */
export const mapsDesk = (): AnswersDesk<MapQuery, MapMatrix> =>
  new AnswersDesk({
    kept: 1,
    ask: (api, query, signal) => api.head(query, signal),
    nameOf: ({ kind, layer, head, measure = 'weight', source = { type: 'head' }, axis = 'tokens', sieve }) =>
      JSON.stringify([kind, layer, head, measure, source, axis, sieve ?? null]),
  });

class AnswersDesk<Query extends WeightsQuery, Answer> {
  readonly #questions = new Map<string, Map<string, Question<Answer>>>();
  readonly #contents = new Map<string, ContentTokens>();

  constructor(private readonly kind: Kind<Query, Answer>) {}

  /** The engine's answer, asked for once however many want it. */
  async ask(api: EngineApi, query: Query, content: ContentTokens, signal?: AbortSignal): Promise<Answer> {
    signal?.throwIfAborted();
    const questions = this.#questionsOf(query.explanation, content);
    // A page may be a token behind: it is answered about the tokens that it has.
    const of = query.of ?? contentOf(content.source, content.target);
    const key = `${contentKey(of)}/${this.kind.nameOf(query)}`;
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

  #questionsOf(explanation: string, content: ContentTokens): Map<string, Question<Answer>> {
    const before = this.#contents.get(explanation);
    const known = this.#questions.get(explanation);
    if (known && before?.source === content.source && before.target === content.target) return known;
    const fresh = new Map<string, Question<Answer>>();
    this.#questions.set(explanation, fresh);
    this.#contents.set(explanation, { source: content.source, target: content.target });
    return fresh;
  }

  #open(api: EngineApi, query: Query, questions: Map<string, Question<Answer>>, key: string): Question<Answer> {
    for (const oldest of questions.keys()) {
      if (questions.size < this.kind.kept) break;
      questions.delete(oldest);
    }
    const abort = new AbortController();
    const answer = this.kind.ask(api, query, abort.signal);
    const question: Question<Answer> = { answer, abort, waiting: 0, answered: false };
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
