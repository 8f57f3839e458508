/**
 * The spine inside one extension host, with nothing but the API: runs wherever VS Code can be started with
 * `extensionTestsPath` (desktop by `npm run test:desktop`, and in the browser by test/e2e/extension-host.test.ts).
 */
import * as vscode from 'vscode';
import type { ExplainAttentionApi } from '../../src/extension';

const SENTENCE = 'She said that he could not drive it in the winter.';

function assert(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Not so: ${what}`);
}

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<ExplainAttentionApi>('explain-attention.explain-attention');
  assert(extension !== undefined, 'the extension is installed');
  const document = await vscode.workspace.openTextDocument({
    language: 'plaintext',
    content: `${SENTENCE}\nAnother line.\n`,
  });
  const editor = await vscode.window.showTextDocument(document);
  editor.selection = new vscode.Selection(0, 0, 0, SENTENCE.length);
  await vscode.commands.executeCommand('explainAttention.explain');
  const api = await extension?.activate();

  const deadline = Date.now() + 120_000;
  let snapshot = api?.snapshot();
  while (snapshot?.status !== 'done' && snapshot?.status !== 'paused') {
    assert(
      snapshot?.status !== 'failed',
      `the run does not fail (${snapshot?.error?.code ?? ''}: ${snapshot?.error?.message ?? ''})`,
    );
    assert(Date.now() < deadline, `it is done in two minutes (now ${snapshot?.status ?? 'nothing'})`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    snapshot = api?.snapshot();
  }
  assert(snapshot.source.filter((token) => !token.special).length >= 8, 'the sentence has its tokens');
  assert(snapshot.steps.length > 3, 'a translation was generated');

  const weights = await api?.tokenWeights({ explanation: snapshot.id, sequence: 'source', indices: [1] });
  const encoder = weights?.find(({ kind, role }) => kind === 'encoder' && role === 'query');
  assert(
    encoder !== undefined && encoder.data.length === encoder.layers * encoder.heads * encoder.length,
    'every head answers',
  );
  for (let row = 0; encoder && row < encoder.layers * encoder.heads; row++) {
    const sum = encoder.data
      .subarray(row * encoder.length, (row + 1) * encoder.length)
      .reduce((total, weight) => total + weight, 0);
    assert(Math.abs(sum - 1) < 1e-4, `the weights of row ${row} sum to 1 (${sum})`);
  }

  // What is wrong with a request is a rejection that can be awaited, never an exception at the call.
  const refused = api?.head({ explanation: 'of yesterday', kind: 'encoder', layer: 0, head: 0 }).then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.name : 'nothing'),
  );
  assert((await refused) !== 'answered', 'an explanation that is gone has no head');
}
