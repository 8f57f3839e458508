/** Building nodes. Text only ever becomes text: token text is untrusted and nothing here parses markup. */
type Child = Node | string | null | undefined | false;

type Handlers = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Attributes {
  readonly class?: string;
  readonly id?: string;
  readonly title?: string;
  readonly role?: string;
  readonly tabIndex?: number;
  readonly dir?: 'auto' | 'ltr' | 'rtl';
  readonly hidden?: boolean;
  /** aria-* attributes by their name without the prefix. */
  readonly aria?: Readonly<Record<string, string | number | boolean>>;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly on?: Handlers;
}

/** An HTML element with attributes, listeners and children; strings become text nodes, and empty children are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  apply(node, attributes);
  node.append(
    ...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false),
  );
  return node;
}

function apply(node: HTMLElement, attributes: Attributes): void {
  if (attributes.class !== undefined) node.className = attributes.class;
  if (attributes.id !== undefined) node.id = attributes.id;
  if (attributes.title !== undefined) node.title = attributes.title;
  if (attributes.role !== undefined) node.setAttribute('role', attributes.role);
  if (attributes.tabIndex !== undefined) node.tabIndex = attributes.tabIndex;
  if (attributes.dir !== undefined) node.dir = attributes.dir;
  if (attributes.hidden !== undefined) node.hidden = attributes.hidden;
  for (const [name, value] of Object.entries(attributes.aria ?? {})) node.setAttribute(`aria-${name}`, String(value));
  for (const [name, value] of Object.entries(attributes.data ?? {})) node.dataset[name] = String(value);
  for (const [name, handler] of Object.entries(attributes.on ?? {}))
    node.addEventListener(name, handler as EventListener);
}

const SVG = 'http://www.w3.org/2000/svg';

/** An SVG element with attributes. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/** A codicon; decoration only, the control beside it carries the name. */
export function icon(name: string): HTMLElement {
  return el('span', { class: `codicon codicon-${name}`, aria: { hidden: true } });
}

/** Sets text only where it differs, so that nothing is laid out again for nothing. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute only where it differs; null takes it away. */
export function setAttribute(node: Element, name: string, value: string | null): void {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** The nearest element at or above an event's target that has `data-<name>`, and its value as a number. */
export function numberUnder(event: Event, name: string): number | undefined {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>(`[data-${name}]`) : null;
  const value = target?.dataset[name];
  return value === undefined ? undefined : Number(value);
}
