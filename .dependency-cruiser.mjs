/**
 * Who may import whom (ARCHITECTURE.md, "Rooms"). Each rule names a room and everything it may reach;
 * what is not listed is an error. Checked by `npm run lint`.
 */
const room = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, '^src/errors\\.ts$', '^src/text/(say|listInSentence)\\.ts$', '^src/(json|hash)/', ...allowed] },
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^vscode$' } },
    room('errors-imports-nothing', '^src/errors\\.ts$', []),
    room('text-imports-nothing', '^src/text/', []),
    room('json-is-pure', '^src/json/', []),
    room('hash-imports-nothing', '^src/hash/', []),
    room('config-is-pure', '^src/config/', ['^src/(attention|onnx)/types\\.ts$']),
    room('protocol-imports-types-and-schemas', '^src/protocol/', [
      '^src/attention/(types|content)\\.ts$',
      '^node_modules/valibot/',
    ]),
    room('attention-is-pure', '^src/attention/', []),
    room('measure-is-pure', '^src/measure/', ['^src/attention/(types|inSteps)\\.ts$']),
    room('lesson-is-pure', '^src/lesson/', ['^src/attention/types\\.ts$', '^src/protocol/']),
    room('onnx-is-pure', '^src/onnx/', ['^src/attention/types\\.ts$', '^src/config/']),
    room('hub-is-pure', '^src/hub/', ['^node_modules/(@noble/hashes|valibot)/', '^src/config/']),
    room('tokenizer-is-pure', '^src/tokenizer/', [
      '^src/attention/types\\.ts$',
      '^node_modules/@huggingface/(tokenizers|jinja)/',
    ]),
    room('transformer-is-pure', '^src/transformer/', [
      '^src/attention/types\\.ts$',
      '^src/onnx/types\\.ts$',
      '^src/config/',
    ]),
    room('engine-room', '^src/engine/', [
      '^src/(transformer|onnx|tokenizer|attention|measure|lesson|protocol|config)/',
      '^node_modules/onnxruntime-(web|common)/',
    ]),
    room('session-room', '^src/session/', [
      '^src/protocol/',
      '^src/(attention|measure)/types\\.ts$',
      '^src/attention/content\\.ts$',
      '^node_modules/valibot/',
    ]),
    room('vscode-room', '^src/vscode/', [
      '^src/protocol/',
      '^src/session/',
      '^src/(attention|measure)/',
      '^src/hub/',
      '^src/config/',
      '^src/engine/client\\.ts$',
      '^vscode$',
      '@types/vscode',
    ]),
    {
      name: 'engine-client-has-no-runtime',
      severity: 'error',
      from: { path: '^src/engine/client\\.ts$' },
      to: { pathNot: ['^src/protocol/', '^src/errors\\.ts$', '^src/text/(say|listInSentence)\\.ts$'] },
    },
    room('extension-wires', '^src/extension\\.ts$', [
      '^src/vscode/',
      '^src/session/',
      '^src/protocol/',
      '^src/attention/types\\.ts$',
      '^src/engine/client\\.ts$',
      '^vscode$',
      '@types/vscode',
    ]),
    room('webview-room', '^webview/(?!render/)', [
      '^webview/',
      '^src/protocol/',
      '^src/(attention|measure|lesson)/',
      '^node_modules/@vscode/',
      '^node_modules/@preact/signals-core/',
    ]),
    room('render-imports-nothing', '^webview/render/', []),
    {
      name: 'toolkit-only-behind-controls',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^webview/controls/' },
      to: { path: '@vscode/webview-ui-toolkit' },
    },
    {
      name: 'only-the-engine-imports-onnxruntime',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/engine/' },
      to: { path: 'onnxruntime' },
    },
    {
      name: 'no-node-in-the-product',
      severity: 'error',
      from: { path: '^(src|webview)/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
    },
  },
};
