/**
 * The tests' hand inside the extension host. It asks the test (bridge.ts) for functions, runs them in this host with
 * the `vscode` API and what the extension's `activate()` returned, and sends back what they return.
 */
import * as vscode from 'vscode';
import { encode } from '../wire';

const MAX_FAILURES = 20;

type Work = (vscodeApi: typeof vscode, explain: unknown, argument: unknown) => Promise<unknown>;

// As `AsyncFunction` has no global name; the extension host allows code from strings, it loads extensions so.
const AsyncFunction = Object.getPrototypeOf(runOne) as { readonly constructor: new (...parameters: string[]) => Work };

async function runOne(source: string, argument: unknown): Promise<object> {
  try {
    const extension = vscode.extensions.getExtension('explain-attention.explain-attention');
    // Reading `exports` of an extension that is not active throws; a test may look before it is.
    const explain: unknown = extension?.isActive ? extension.exports : undefined;
    const work = new AsyncFunction.constructor(
      'vscode',
      'explain',
      'argument',
      `return (${source})(vscode, explain, argument)`,
    );
    return { ok: true, value: encode(await work(vscode, explain, argument)) };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const bridge = vscode.workspace.getConfiguration('explainTest').get<string>('bridge', '');
  if (bridge === '') return;
  const stop = new AbortController();
  context.subscriptions.push({ dispose: () => stop.abort() });
  const window = crypto.randomUUID();
  let failures = 0;
  while (!stop.signal.aborted) {
    try {
      const response = await fetch(`${bridge}/next?window=${window}`, { signal: stop.signal });
      if (response.status === 410) return; // Another window has taken over.
      if (response.status !== 200) continue;
      const { id, source, argument } = (await response.json()) as { id: number; source: string; argument: unknown };
      // Not awaited: a long function must not keep the next one from starting.
      void runOne(source, argument).then((result) =>
        fetch(`${bridge}/result`, { method: 'POST', body: JSON.stringify({ id, ...result }) }),
      );
      failures = 0;
    } catch {
      // One lost request is made again; many in a row: the test has ended.
      if (++failures > MAX_FAILURES) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
