/** Puts the text into the model's chat template and out again; there only where the model has one. */
import { say } from '../../../src/text/say';
import { checkbox } from '../../controls/checkbox';
import { view } from '../view';

export const chatSwitch = view((app, scope) => {
  const control = checkbox(say('webview.text.chat'), say('webview.text.chatTitle'), (chat) =>
    app.act(app.api.setChat({ chat })),
  );
  scope.draw(() => {
    const { snapshot } = app.state;
    control.element.hidden = snapshot?.model?.chatTemplate !== true;
    // While it runs the switch stays as the user left it; a run that fails leaves the text as it was.
    if (snapshot?.status !== 'loading' && snapshot?.status !== 'encoding') control.set(snapshot?.chat === true);
  });
  return control.element;
});
