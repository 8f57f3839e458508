import type * as vscode from 'vscode';

const KEY = 'explainAttention.chat';

/** For which models the user wants texts in a chat template; off until they switch it on. Kept in the user's global state, for all workspaces. */
export class ChatChoices {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  has(modelId: string): boolean {
    return this.#models.includes(modelId);
  }

  async set(modelId: string, chat: boolean): Promise<void> {
    if (this.has(modelId) === chat) return;
    const others = this.#models.filter((id) => id !== modelId);
    await this.#memento.update(KEY, chat ? [...others, modelId] : others);
  }

  get #models(): readonly string[] {
    const kept = this.#memento.get<unknown>(KEY);
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
  }
}
