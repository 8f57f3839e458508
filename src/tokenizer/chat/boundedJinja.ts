/**
 * Jinja with bounds: what `@huggingface/jinja` renders, it renders without an end if a template wants that (a loop over
 * `range(10**9)`, a macro that calls itself, a string that doubles). Every evaluation is counted here, with the size of
 * what it made, and a template that asks for too much is stopped.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { strftime } from './strftime';

const LONGEST_TEMPLATE = 100_000;
const LONGEST_STRING = 50_000;
const LONGEST_LIST = 20_000;
const LARGEST_NUMBER = 1e7;
/** How many evaluations may be nested in one another. */
const DEEPEST = 300;
/** How many steps of work a template may take: one for each evaluation, more for long strings and lists. Usual ones take some hundreds. */
const MOST_WORK = 400_000;
const CHARACTERS_A_STEP = 64;
const STEPS_AN_ITEM = 4;
/** What looks for one string in another may take as many comparisons as the product of their lengths. */
const COMPARISONS_A_STEP = 1000;
const SEARCHING: ReadonlySet<string> = new Set([
  'BinaryExpression',
  'CallExpression',
  'CallStatement',
  'FilterExpression',
  'FilterStatement',
]);

type Evaluate = Interpreter['evaluate'];
type Statement = NonNullable<Parameters<Evaluate>[0]>;
type Value = ReturnType<Evaluate>;

/** Why a template was stopped, in a few words. */
class TemplateBound extends Error {}

/** True for the nodes whose evaluation may look for a string in another. */
function searches(statement: Statement & { readonly operator?: { readonly value?: string } }): boolean {
  if (!SEARCHING.has(statement.type)) return false;
  return (
    statement.type !== 'BinaryExpression' ||
    statement.operator?.value === 'in' ||
    statement.operator?.value === 'not in'
  );
}

class BoundedInterpreter extends Interpreter {
  #work = MOST_WORK;
  #depth = 0;
  /** Lengths of the two longest strings inside the search that is being evaluated: one may be looked for in the other. */
  #longest = 0;
  #second = 0;
  /** Members that are called where they stand. A method that a template keeps for later would hide the string that it searches. */
  readonly #called = new WeakSet<object>();

  override evaluate(...[statement, environment]: Parameters<Evaluate>): Value {
    if (this.#depth >= DEEPEST) throw new TemplateBound('it is nested too deeply or calls itself');
    const [longest, second] = [this.#longest, this.#second];
    const search = statement !== undefined && searches(statement);
    if (search) this.#longest = this.#second = 0;
    if (statement?.type === 'CallExpression' && 'callee' in statement) this.#called.add(statement.callee as object);
    this.#depth++;
    let value: Value;
    try {
      value = super.evaluate(statement, environment);
    } finally {
      // `break` and `continue` come as exceptions.
      this.#depth--;
    }
    if (search) {
      this.#spend((this.#longest * this.#second) / COMPARISONS_A_STEP);
      const [most, next] = [this.#longest, this.#second];
      [this.#longest, this.#second] = [longest, second];
      this.#note(most);
      this.#note(next);
    }
    if (value.type === 'FunctionValue' && statement?.type === 'MemberExpression' && !this.#called.has(statement))
      throw new TemplateBound('it keeps a method');
    this.#spend(1 + this.#sizeOf(value, 0));
    return value;
  }

  #spend(steps: number): void {
    this.#work -= steps;
    if (this.#work < 0) throw new TemplateBound('it takes too long');
  }

  #note(length: number): void {
    if (length > this.#longest) [this.#longest, this.#second] = [length, this.#longest];
    else if (length > this.#second) this.#second = length;
  }

  /** Steps for a value's size. Lists that hold one another count as often as they are held, as they would be written. */
  #sizeOf({ value }: Pick<Value, 'value'>, seen: number): number {
    if (typeof value === 'string') {
      if (value.length > LONGEST_STRING) throw new TemplateBound('it makes a very long text');
      this.#note(value.length);
      return value.length / CHARACTERS_A_STEP;
    }
    if (typeof value === 'number' && Math.abs(value) > LARGEST_NUMBER) throw new TemplateBound('it counts very far');
    const items: unknown = value instanceof Map ? [...value.values()] : value;
    if (!Array.isArray(items)) return 0;
    let steps = 0;
    for (const item of items as readonly unknown[]) {
      steps += STEPS_AN_ITEM;
      steps += this.#sizeOf(item as Value, seen + steps);
      if (seen + steps > LONGEST_LIST * STEPS_AN_ITEM) throw new TemplateBound('it makes a very long list');
    }
    return steps;
  }
}

function range(first: number, last?: number, step = 1): readonly number[] {
  const [from, to] = last === undefined ? [0, first] : [first, last];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= LONGEST_LIST)) throw new TemplateBound('it counts very far');
  return Array.from({ length }, (_, i) => from + i * step);
}

function fail(message: unknown): never {
  throw new Error(String(message));
}

/**
 * What a template makes of `variables`, as transformers renders chat templates: `trim_blocks` and `lstrip_blocks`,
 * with `raise_exception` and `strftime_now` among the globals.
 * @throws TemplateBound where it asks for too much; Error where it is broken, or raises one itself
 */
export function renderJinja(template: string, variables: Readonly<Record<string, unknown>>): string {
  if (template.length > LONGEST_TEMPLATE) throw new TemplateBound('it is very long');
  // The library's scan for `{% generation %}` takes the square of a run of white space.
  if (/\s{500}/u.test(template)) throw new TemplateBound('it is full of white space');
  const globals = new Environment();
  const own = {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range,
    raise_exception: fail,
    strftime_now: (format: unknown) => strftime(new Date(), String(format)),
  };
  for (const [name, value] of Object.entries({ ...own, ...variables })) globals.set(name, value);
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
  const rendered: unknown = new BoundedInterpreter(globals).run(program).value;
  return typeof rendered === 'string' ? rendered : fail('it renders no text');
}
