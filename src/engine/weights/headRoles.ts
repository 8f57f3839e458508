/** Where every head of a kind looks, measured on what a store of weights holds. */
import {
  ROLE_NAMES,
  type AttentionKind,
  type KindInfo,
  type ModelFamily,
  type RoleName,
  type RoleTable,
} from '../../attention/types';
import { RoleSums } from '../../measure/roles/roles';
import { roleTextOf } from '../../measure/roles/roleText';
import type { HeldWeights } from './maps';

/** The heads of one kind, over one text or several. */
export class HeadRoles {
  readonly #info: KindInfo;
  readonly #firstIsSink: boolean;
  readonly #sums: readonly RoleSums[];

  /** @param firstIsSink of decoder-only models (arXiv 2309.17453) */
  constructor(info: KindInfo, firstIsSink: boolean) {
    this.#info = info;
    this.#firstIsSink = firstIsSink;
    this.#sums = Array.from({ length: info.layers * info.heads }, () => new RoleSums());
  }

  /** Takes a text's rows, with a pause after each head. @param roles the roles to measure on this text; all if left out */
  *add(held: HeldWeights, roles?: readonly RoleName[]): Generator<undefined, void, undefined> {
    const info = this.#info;
    const weights = held.store.kind(info.kind);
    const text = roleTextOf(
      info,
      held[info.queries].slice(0, weights.queries),
      held[info.keys].slice(0, weights.keys),
      this.#firstIsSink,
    );
    for (const [at, sums] of this.#sums.entries()) {
      sums.add(weights.headRows(Math.floor(at / info.heads), at % info.heads), text, roles);
      yield undefined;
    }
  }

  table(): RoleTable {
    const { kind, layers, heads } = this.#info;
    const all = this.#sums.map((sums) => sums.scores());
    const column = (role: RoleName): (number | null)[] =>
      all.map((scores) => (Number.isNaN(scores[role]) ? null : scores[role]));
    const scores = Object.fromEntries(ROLE_NAMES.map((role) => [role, column(role)])) as Record<
      RoleName,
      (number | null)[]
    >; // every role is named
    return { kind, layers, heads, scores };
  }
}

/** The heads of a kind on one text. @throws ExplainError INVALID_REQUEST where the model has no such kind */
export function* rolesOfText(
  held: HeldWeights,
  kind: AttentionKind,
  family: ModelFamily,
): Generator<undefined, RoleTable, undefined> {
  const roles = new HeadRoles(held.store.info(kind), family === 'decoder-only');
  yield* roles.add(held);
  return roles.table();
}
