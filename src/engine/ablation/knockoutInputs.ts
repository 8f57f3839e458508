/** Which links a run cuts, as the graph's inputs (`onnx/edit/knockouts.ts`). */
import type { AttentionKind, KindInfo, Knockout } from '../../attention/types';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type { ExtraInput, ProbedGraph } from '../probes/probeSessions';

/** A map of what is cut has a number for each head, query and key. */
const MOST_BYTES = 256e6;

/** How many tokens the queries and the keys of a kind of attention are. */
export type SidesOf = (kind: AttentionKind) => { readonly queries: number; readonly keys: number };

/**
 * @param kinds of the model, as they are known by now: a decoder-only file without a cache looks like an encoder's
 * @throws ExplainError INVALID_REQUEST where a query would have no key left, or the text is too long
 */
export function knockoutInputs(
  { probed }: ProbedGraph,
  kinds: readonly KindInfo[],
  cut: readonly Knockout[],
  lengths: SidesOf,
): Readonly<Record<string, ExtraInput>> {
  const inputs: Record<string, ExtraInput> = {};
  for (const { name, kind, dims } of probed.knockouts) {
    const info = kinds.find((one) => one.kind === kind) ?? kinds.find((one) => one.kind === 'decoder');
    const own = cut.filter((one) => one.kind === info?.kind);
    if (!info || own.length === 0) continue;
    inputs[name] = inputOf(own, info, Number(dims[0]), lengths(info.kind));
  }
  return inputs;
}

function inputOf(
  cut: readonly Knockout[],
  { kind, heads: all }: KindInfo,
  layers: number,
  { queries, keys }: ReturnType<SidesOf>,
): ExtraInput {
  const heads = cut.every(({ head }) => head < 0) ? 1 : all;
  if (4 * layers * heads * queries * keys > MOST_BYTES)
    throw new ExplainError('INVALID_REQUEST', say('engine.textTooLongToCut'));
  const data = new Float32Array(layers * heads * queries * keys);
  const of = (one: number, count: number): readonly number[] =>
    one < 0 ? Array.from({ length: count }, (_, index) => index) : [one].filter((index) => index < count);
  for (const link of cut)
    for (const layer of of(link.layer, layers))
      for (const head of of(link.head, heads))
        for (const query of link.queries.filter((index) => index < queries)) {
          const row = ((layer * heads + head) * queries + query) * keys;
          for (const key of link.keys) if (key < keys) data[row + key] = 1;
          const seen = data.subarray(row, row + (kind === 'decoder' ? query + 1 : keys));
          if (seen.every((value) => value === 1))
            throw new ExplainError('INVALID_REQUEST', say('engine.noLinkLeft', { token: query + 1 }));
        }
  return { data, dims: [layers, heads, queries, keys] };
}
