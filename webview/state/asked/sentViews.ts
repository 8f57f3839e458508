/**
 * What the host tells of the view while views of this page are on their way to it. Each of those is told back, and so one that was set
 * since would be taken back by an older one: who steps on quickly would stand still. The last that was told is taken once all are answered.
 */
import type { ViewState } from '../../../src/protocol/panel';

export interface SentViews {
  /** True while a view is on its way. */
  readonly areOnTheirWay: boolean;
  /** Counts a view in until the host has answered. */
  send(answered: Promise<void>): Promise<void>;
  /** Takes what the host tells, at once or later. */
  told(view: ViewState): void;
}

export function sentViews(take: (view: ViewState) => void): SentViews {
  let sent = 0;
  let last: ViewState | undefined;
  const settle = (): void => {
    sent--;
    if (sent > 0 || !last) return;
    const view = last;
    last = undefined;
    take(view);
  };
  return {
    get areOnTheirWay() {
      return sent > 0;
    },
    send(answered) {
      sent++;
      return answered.finally(settle);
    },
    told(view) {
      if (sent > 0) last = view;
      else take(view);
    },
  };
}
