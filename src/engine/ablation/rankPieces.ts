/** What pieces of the input are worth, by the way that was asked for. */
import type { LeaveOutRequest } from '../../protocol/engine';
import { leaveOut } from './leaveOut';
import { maskFit } from './maskFit';
import type { LeaveOutWanted } from './piecesWithout';

export const rankPieces = (
  explanation: Parameters<typeof leaveOut>[0],
  graphs: Parameters<typeof leaveOut>[1],
  { method, ...wanted }: LeaveOutWanted & Pick<LeaveOutRequest, 'method'>,
  told: Parameters<typeof leaveOut>[3],
  signal: AbortSignal | undefined,
): ReturnType<typeof leaveOut> => (method === 'fit' ? maskFit : leaveOut)(explanation, graphs, wanted, told, signal);
