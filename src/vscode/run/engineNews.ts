/** What workers tell while they compute, passed on to who listens, whichever worker it is at the time. */
import * as vscode from 'vscode';
import type { EngineProcess } from '../../engine/client';
import type { EngineEvents } from '../../protocol/engine';

export class EngineNews implements vscode.Disposable {
  readonly step = new vscode.EventEmitter<EngineEvents['step']>();
  readonly progress = new vscode.EventEmitter<EngineEvents['progress']>();
  readonly tokens = new vscode.EventEmitter<EngineEvents['tokens']>();
  readonly measuring = new vscode.EventEmitter<EngineEvents['measuring']>();
  readonly costs = new vscode.EventEmitter<EngineEvents['costs']>();
  readonly beams = new vscode.EventEmitter<EngineEvents['beams']>();
  readonly leftOut = new vscode.EventEmitter<EngineEvents['leftOut']>();

  /** Passes on what a worker tells, for as long as it lives. */
  follow({ client }: EngineProcess): void {
    client.on('step', (news) => this.step.fire(news));
    client.on('progress', (news) => this.progress.fire(news));
    client.on('tokens', (news) => this.tokens.fire(news));
    client.on('measuring', (news) => this.measuring.fire(news));
    client.on('costs', (news) => this.costs.fire(news));
    client.on('beams', (news) => this.beams.fire(news));
    client.on('leftOut', (news) => this.leftOut.fire(news));
  }

  dispose(): void {
    const { step, progress, tokens, measuring, costs, beams, leftOut } = this;
    for (const emitter of [step, progress, tokens, measuring, costs, beams, leftOut]) emitter.dispose();
  }
}
