/** Requests about the explanation on show: its id is filled in when they are made. */
import type { PanelApi, PanelRequests } from '../../../src/protocol/panel';

type ShownMethod =
  | 'generation'
  | 'branch'
  | 'force'
  | 'mask'
  | 'setChat'
  | 'setDecoding'
  | 'openBeam'
  | 'setSpecialsAsText'
  | 'setPair'
  | 'chooseWindow'
  | 'cancel'
  | 'retry'
  | 'reveal';

export type ShownApi = {
  readonly [Method in ShownMethod]: (request: Omit<PanelRequests[Method], 'explanation'>) => Promise<void>;
};

/** @param shown the id of the explanation on show; where there is none, nothing is asked */
export function shownApiOf(api: PanelApi, shown: () => string | undefined): ShownApi {
  const about =
    (method: ShownMethod) =>
    (request: object): Promise<void> => {
      const explanation = shown();
      const calls = api as unknown as Readonly<Record<ShownMethod, (request: object) => Promise<void>>>;
      return explanation === undefined ? Promise.resolve() : calls[method]({ ...request, explanation });
    };
  return {
    generation: about('generation'),
    branch: about('branch'),
    force: about('force'),
    mask: about('mask'),
    setChat: about('setChat'),
    setDecoding: about('setDecoding'),
    openBeam: about('openBeam'),
    setSpecialsAsText: about('setSpecialsAsText'),
    setPair: about('setPair'),
    chooseWindow: about('chooseWindow'),
    cancel: about('cancel'),
    retry: about('retry'),
    reveal: about('reveal'),
  };
}
