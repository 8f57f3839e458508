/** A folder that is not trusted: the bundled model runs, and the folder's own settings choose nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { explainSelection, openExplained, settled } from './support';

const SENTENCE = 'Select this line and explain it.';

describe('an untrusted workspace', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({
      trust: true,
      files: {
        'text.txt': SENTENCE,
        '.vscode/settings.json': JSON.stringify({
          'explainAttention.model': 'folder:file:///etc',
          'explainAttention.hub.url': 'http://127.0.0.1:1',
        }),
      },
    });
  });
  afterAll(() => session.close());

  test('is untrusted, and explains with the bundled model all the same', async () => {
    expect(await session.host.run((api) => api.workspace.isTrusted)).toBe(false);
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    expect((await settled(session)).model?.modelId).toBe('bundled:en-fr');
  });
});
