import tseslint from 'typescript-eslint';

/** `no-nested-ternary` sees only a ternary right inside another one; this sees it inside a call, a template or an object too. */
const NO_DEEP_TERNARY = {
  selector: 'ConditionalExpression ConditionalExpression',
  message: 'A ternary inside another one is hard to read: name the inner value, or return early.',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.vscode-test/',
      'models/',
      'test/fixtures/',
      'bench-results/',
      'test-results/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Token text is untrusted: build nodes and set textContent.' },
        { property: 'outerHTML', message: 'Token text is untrusted: build nodes and set textContent.' },
        { property: 'insertAdjacentHTML', message: 'Token text is untrusted: build nodes and set textContent.' },
      ],
      // There is no enum here, and to look at every assignment for one takes a seventh of the time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      'no-eval': 'error',
      'no-nested-ternary': 'error',
      'no-restricted-syntax': ['error', NO_DEEP_TERNARY],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/vscode/messages.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        NO_DEEP_TERNARY,
        {
          selector: 'MemberExpression[property.name=/^(show(Warning|Information|Error)Message|withProgress)$/]',
          message: 'VS Code makes links and commands of names in a message: show it through src/vscode/messages.ts.',
        },
      ],
    },
  },

  { files: ['test/**', '*.mjs'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
