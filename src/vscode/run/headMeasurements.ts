import * as vscode from 'vscode';
import type { HeadScores, ModelReport } from '../../protocol/engine';
import type { KeptHeadScores } from '../../session/headScores';
import type { MeasuringWanted } from '../../session/runs/measuring';
import type { Session } from '../../session/session';
import type { ModelName } from '../../session/subject/subject';
import { say } from '../../text/say';
import { withProgress } from '../messages';

/** What models' heads are like on the probe set: measured when the user asks for it, and remembered. */
export class HeadMeasurements implements vscode.Disposable {
  readonly #session: Session;
  readonly #kept: KeptHeadScores;
  readonly #changed = new vscode.EventEmitter<void>();

  /** Something was measured. */
  readonly onDidChange = this.#changed.event;

  constructor(session: Session, kept: KeptHeadScores) {
    this.#session = session;
    this.#kept = kept;
  }

  of(model: ModelReport | null | undefined): HeadScores | null {
    return model ? this.#kept.get(model) : null;
  }

  /** Measures a model with progress and a Cancel button; what was measured before stays until it is done. */
  async measure(model: ModelName, parts: MeasuringWanted['parts']): Promise<void> {
    await withProgress(say('host.measuring', { model: model.name }), async (signal, report) => {
      let reported = 0;
      const progress = ({ phase, fraction }: { readonly phase: string; readonly fraction: number }): void => {
        const increment = Math.max(0, fraction * 100 - reported);
        reported += increment;
        report({ message: phase, increment });
      };
      const measured = await this.#session.measureHeads(model, { parts, signal, told: progress });
      if (!measured) return;
      await this.#kept.put(measured.report, measured.scores);
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
