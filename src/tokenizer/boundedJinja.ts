/**
 * Jinja with bounds: what `@huggingface/jinja` renders, it renders without an end if a template wants that (a loop over
 * `range(10**9)`, a macro that calls itself, a string that doubles). Every evaluation is counted here, with the size of
 * what it made, and a template that asks for too much is stopped.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { strftime } from './strftime';

const LONGEST_TEMPLATE = 100_000;
/** Strings may grow to this many characters besides what the variables hold, several times over. */
const LONGEST_STRING = 200_000;
const LONGEST_LIST = 20_000;
const LARGEST_NUMBER = 1e7;
/** Evaluations inside one another. */
const DEEPEST = 300;
/** Steps of work: one an evaluation, more for long strings and lists. Usual templates take some hundreds. */
const MOST_WORK = 400_000;
const CHARACTERS_A_STEP = 64;
const STEPS_AN_ITEM = 4;

type Evaluate = Interpreter['evaluate'];
type Value = ReturnType<Evaluate>;

/** Why a template was stopped, in a few words. */
export class TemplateBound extends Error {}

class BoundedInterpreter extends Interpreter {
  readonly #longest: number;
  #work: number;
  #depth = 0;

  /** @param size characters that the variables hold */
  constructor(globals: Environment, size: number) {
    super(globals);
    this.#longest = LONGEST_STRING + 4 * size;
    this.#work = MOST_WORK + size;
  }

  override evaluate(...[statement, environment]: Parameters<Evaluate>): Value {
    if (this.#depth >= DEEPEST) throw new TemplateBound('it is nested too deeply or calls itself');
    this.#depth++;
    try {
      const value = super.evaluate(statement, environment);
      this.#work -= 1 + this.#sizeOf(value, 0);
      if (this.#work < 0) throw new TemplateBound('it takes too long');
      return value;
    } finally {
      // `break` and `continue` come as exceptions.
      this.#depth--;
    }
  }

  /** Steps for a value's size. Lists that hold one another count as often as they are held, as they would be written. */
  #sizeOf({ value }: Pick<Value, 'value'>, seen: number): number {
    if (typeof value === 'string') {
      if (value.length > this.#longest) throw new TemplateBound('it makes a very long text');
      return value.length / CHARACTERS_A_STEP;
    }
    if (typeof value === 'number' && Math.abs(value) > LARGEST_NUMBER) throw new TemplateBound('it counts very far');
    const items: Iterable<unknown> | null = Array.isArray(value) ? value : value instanceof Map ? value.values() : null;
    if (items === null) return 0;
    let steps = 0;
    for (const item of items) {
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
  const globals = new Environment();
  const own = { true: true, false: false, none: null, True: true, False: false, None: null, range, raise_exception: fail, strftime_now: (format: unknown) => strftime(new Date(), String(format)) };
  for (const [name, value] of Object.entries({ ...own, ...variables })) globals.set(name, value);
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
  const rendered: unknown = new BoundedInterpreter(globals, JSON.stringify(variables).length).run(program).value;
  return typeof rendered === 'string' ? rendered : fail('it renders no text');
}
