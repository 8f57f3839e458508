/** The sessions beside a model's plain ones, as they are needed for an explained text: made when first asked for, one after another. */
import { ExplainError } from '../../errors';
import type { ModelFiles, TextProbeRequest, WeightsQuery } from '../../protocol/engine';
import { say } from '../../text/say';
import { boundGraphs } from '../ablation/boundGates';
import { weightBytes } from '../files/modelFiles';
import type { LoadedModel } from '../model/loadedModel';
import type { ComputedExplanation } from '../text/computedExplanation';
import type { HeldWeights } from '../weights/maps';
import type { ProbedGraph, ProbeSet } from './probeSessions';
import { checkProbes } from './probedText';

type Files = Pick<TextProbeRequest, 'files'>;

export class TextSessions {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param explanationOf throws where there is none of that id
   * @param makeRoom lets go of other models, where the memory is needed for sessions of this one
   */
  constructor(
    private readonly explanationOf: (id: string) => ComputedExplanation,
    private readonly makeRoom: (beside: LoadedModel, bytes: number) => Promise<void>,
  ) {}

  /** Runs what makes sessions one after another: two that want the same make them once. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(task);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** The sessions of a set of probes; null where they have to be made and the files were not given. */
  async take(
    { model, orphaned, off }: ComputedExplanation,
    { files, ...wanted }: ProbeSet & Files,
    signal: AbortSignal | undefined,
  ): Promise<readonly ProbedGraph[] | null> {
    if (orphaned) throw new ExplainError('EXPLANATION_GONE', say('engine.noModel'));
    // The sessions beside the plain ones take a text as it is.
    if ((model.decoder?.chunk ?? 0) > 0) throw new ExplainError('MODEL_UNSUPPORTED', say('engine.chunksOnly'));
    signal?.throwIfAborted();
    const set = off.length > 0 ? { ...wanted, gates: true } : wanted;
    const bound = (graphs: readonly ProbedGraph[]): readonly ProbedGraph[] =>
      boundGraphs(graphs, model.report.kinds, off);
    const known = model.probes.take(set);
    if (known || !files) return known ? bound(known) : null;
    await this.makeRoom(model, weightBytes(files));
    const graphs = await model.probes.make(set, files, (made) => checkProbes(model, made, model.sample));
    signal?.throwIfAborted();
    return bound(graphs);
  }

  /** Makes the sessions in which a text is read with heads off; false where they have to be made and the files were not given. */
  gated(model: LoadedModel, files: ModelFiles | undefined): Promise<boolean> {
    return this.inTurn(async () => {
      if (model.gated.isMade || !files) return model.gated.isMade;
      await this.makeRoom(model, weightBytes(files));
      await model.gated.make(model, files);
      return true;
    });
  }

  /**
   * Runs a pass over a text with sessions that have what it needs. The question is held against the text before anything is waited for.
   * @param set what the sessions of this model must have
   * @returns null where sessions have to be made and the files were not given
   */
  async pass<Answer>(
    { explanation, of, files }: WeightsQuery & Files,
    set: (model: LoadedModel) => ProbeSet,
    signal: AbortSignal | undefined,
    run: (explained: ComputedExplanation, graphs: readonly ProbedGraph[], held: HeldWeights) => Promise<Answer>,
  ): Promise<Answer | null> {
    const explained = this.explanationOf(explanation);
    const held = explained.weights(of);
    return this.inTurn(async () => {
      const graphs = await this.take(explained, { ...set(explained.model), ...(files && { files }) }, signal);
      return graphs && run(explained, graphs, held);
    });
  }
}
