/** Puts the text into the model's chat template and out again; there only where the model has one. */
import type { App } from '../../state/app';
import { checkbox } from '../../controls/checkbox';

export function chatSwitch(app: App): HTMLElement {
  const control = checkbox(
    'As a chat message',
    'Put the model’s chat template round the text, as an instruct model is used to; remembered for this model',
    (chat) => app.act(app.api.setChat({ chat })),
  );
  app.store.watch(
    // With every change of the status: a run that fails leaves the text as it was.
    ({ snapshot }) => [snapshot?.model?.chatTemplate, snapshot?.chat, snapshot?.status, snapshot?.revision] as const,
    ([there, chat, status]) => {
      control.element.hidden = there !== true;
      // While it runs the switch stays as the user left it.
      if (status !== 'loading' && status !== 'encoding') control.set(chat === true);
    },
  );
  return control.element;
}
