/** How two selections are read: as a pair, the other way round, or as one text; there only where there is a choice. */
import { say } from '../../../src/text/say';
import { segmented } from '../../controls/segmented';
import { view } from '../view';
import { isBusy } from '../../state/appState';

const ORDERS = ['given', 'swapped', 'one'] as const;

export const pairSwitch = view((app, scope) => {
  const control = segmented(
    say('webview.task.pair'),
    ORDERS.map((value) => ({
      value,
      label: say(`webview.task.pair.${value}`),
      title: say(`webview.task.pairTitle.${value}`),
    })),
    (order) => app.act(app.api.setPair({ order })),
  );
  scope.draw(() => {
    const { snapshot } = app.state;
    const pair = snapshot?.pair ?? null;
    control.element.hidden = pair === null;
    // While the text is read anew the switch stays as the user left it.
    if (pair !== null && snapshot && !isBusy(snapshot)) control.set(pair);
  });
  return control.element;
});
