/**
 * What was measured last of what each place shows. It is told under the text and the model that it is of, and under no other: a place
 * that goes on to another text, and comes back, has it again.
 */
import { contentKey, contentOf, type Content } from '../../attention/content';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Listen } from '../ports';
import { fromKept, toKept, type KeptCosts, type TextCosts } from './keptCosts';

type Part = keyof TextCosts;
type Known<Name extends Part> = NonNullable<TextCosts[Name]>;

/** Whose costs they are. */
export interface CostsOwner {
  readonly place: string;
  readonly explanation: string;
  /** The model, as `costedModel` says. */
  readonly model: string;
}

interface PlaceCosts extends TextCosts {
  readonly model: string;
}

const NONE: TextCosts = { heads: null, pieces: null };

export class CostsDesk {
  readonly #places = new Map<string, PlaceCosts>();
  /** What is being measured, by place and part. */
  readonly #running = new Map<string, CostsOwner>();
  readonly #listeners = new Set<(place: string) => unknown>();

  /** Calls a listener with a place of which more, or something else, is known. */
  readonly onDidChange: Listen<string> = (listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  /** True while something is measured for a place. */
  isMeasuring(place: string): boolean {
    return (['heads', 'pieces'] as const).some((part) => this.#running.has(keyOf(place, part)));
  }

  /** Keeps what a measurement comes to, and what is known of it where it is stopped. */
  async measure<Name extends Part>(
    text: CostsOwner,
    part: Name,
    run: () => Promise<Known<Name>>,
  ): Promise<Known<Name>> {
    const key = keyOf(text.place, part);
    this.#running.set(key, text);
    this.#take(text, { [part]: null });
    try {
      const costs = await run();
      if (this.#running.get(key) === text) this.#take(text, { [part]: costs });
      return costs;
    } finally {
      if (this.#running.get(key) === text) this.#running.delete(key);
      this.#tell(text.place);
    }
  }

  /** What is known so far; nothing of a measurement that was stopped. */
  progress<Name extends Part>(text: CostsOwner, part: Name, sofar: Known<Name>): void {
    if (this.#running.get(keyOf(text.place, part))?.explanation === text.explanation)
      this.#take(text, { [part]: sofar });
  }

  /** What is known of the text that a place shows. */
  of(place: string, snapshot: ExplanationSnapshot | null): TextCosts {
    const known = this.#places.get(place);
    if (!known || !snapshot || costedModel(snapshot) !== known.model) return NONE;
    const shown = contentKey(contentOf(snapshot.source, snapshot.target));
    const isOf = (costs: { readonly of: Content } | null): boolean => costs !== null && contentKey(costs.of) === shown;
    return { heads: isOf(known.heads) ? known.heads : null, pieces: isOf(known.pieces) ? known.pieces : null };
  }

  /**
   * What to keep of it across a reload.
   * @param snapshot what the place shows; null while that is still on its way to the text that was measured: then all is kept
   */
  kept(place: string, snapshot: ExplanationSnapshot | null): KeptCosts | null {
    const known = this.#places.get(place);
    if (!known) return null;
    const costs = snapshot ? this.of(place, snapshot) : known;
    return toKept(known.model, costs);
  }

  /** Takes what was kept; it is told once the place shows its text again. */
  restore(place: string, kept: KeptCosts | null | undefined): void {
    if (!kept) return;
    this.#places.set(place, { model: kept.model, ...fromKept(kept) });
    this.#tell(place);
  }

  /** Lets go of a part, or of all that is known. */
  forget(place: string, part?: Part): void {
    const known = this.#places.get(place);
    if (!known) return;
    if (part === undefined) this.#places.delete(place);
    else this.#places.set(place, { ...known, [part]: null });
    this.#tell(place);
  }

  #take({ place, model }: CostsOwner, costs: Partial<TextCosts>): void {
    const before = this.#places.get(place);
    this.#places.set(place, { ...NONE, ...(before?.model === model && before), model, ...costs });
    this.#tell(place);
  }

  #tell(place: string): void {
    for (const listener of this.#listeners) listener(place);
  }
}

/** What costs are of beside the tokens: the model, and its heads that are off; undefined without a model. */
export function costedModel({
  model,
  intervention,
}: Pick<ExplanationSnapshot, 'model' | 'intervention'>): string | undefined {
  const off = (intervention?.off ?? []).map(({ kind, layer, head }) => ` ${kind}.${layer}.${head}`);
  return model ? [model.fingerprint, ...off.sort()].join('') : undefined;
}

const keyOf = (place: string, part: Part): string => `${part}/${place}`;
