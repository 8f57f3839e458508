// @ts-check
/** What no rule of the linter's own says: two rules of this project, loaded by `.oxlintrc.json`. */

/**
 * A rule that reports each node that a selector finds.
 * @param {string} selector in ESQuery's language
 * @param {string} message
 */
const refuse = (selector, message) => ({
  create: (/** @type {{ report(problem: { node: unknown, message: string }): void }} */ context) => ({
    [selector]: (/** @type {unknown} */ node) => context.report({ node, message }),
  }),
});

export default {
  meta: { name: 'explain-attention' },
  rules: {
    // `no-nested-ternary` sees only a ternary right inside another one; this sees it inside a call, a template or an object too.
    'no-deep-ternary': refuse(
      'ConditionalExpression ConditionalExpression',
      'A ternary inside another one is hard to read: name the inner value, or return early.',
    ),
    'messages-in-one-place': refuse(
      'MemberExpression[property.name=/^(show(Warning|Information|Error)Message|withProgress)$/]',
      'VS Code makes links and commands of names in a message: show it through src/vscode/messages.ts.',
    ),
  },
};
