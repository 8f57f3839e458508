/** What the editor asks of the engine for what is looked at: the same as the panel, so that one answer serves both. */
import type { AxisName } from '../../attention/types';
import type { WholeView } from '../../protocol/defaultView';
import type { TokenQuery } from '../../protocol/engine';

export function focusQuery(
  explanation: string,
  { sequence, indices }: Pick<TokenQuery, 'sequence' | 'indices'>,
  { source, layer }: WholeView,
  axis: AxisName,
): TokenQuery {
  return { explanation, sequence, indices, axis, ...(source.type === 'rollout' && { rollout: layer }) };
}
