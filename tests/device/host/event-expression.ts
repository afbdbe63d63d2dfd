/** An upstart event: its name and its arguments in order, a job's own events with the job as the first. */
export interface UpstartEvent {
  readonly name: string;
  readonly args: readonly string[];
}

/** What `start on` and `stop on` of a job say, parsed. */
export type EventExpression =
  | { readonly kind: 'event'; readonly event: UpstartEvent }
  | { readonly kind: 'and' | 'or'; readonly left: EventExpression; readonly right: EventExpression };

const TOKEN = /\(|\)|[^\s()]+/g;

/**
 * Parses an expression such as `started a and (stopping b or c)`. `and` and `or` bind equally and from the left, as
 * upstart's do. Throws: expressions are this program's own.
 */
export function parseExpression(text: string): EventExpression {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;

  function operand(): EventExpression {
    if (tokens[at] === '(') {
      at += 1;
      const inner = expression();
      if (tokens[at] !== ')') throw new Error(`"${text}" lacks a closing parenthesis`);
      at += 1;
      return inner;
    }
    const words: string[] = [];
    for (let word = tokens[at]; word && !['and', 'or', '(', ')'].includes(word); word = tokens[at]) {
      words.push(word);
      at += 1;
    }
    const [name, ...args] = words;
    if (name === undefined) throw new Error(`"${text}" lacks an event`);
    return { kind: 'event', event: { name, args } };
  }

  function expression(): EventExpression {
    let left = operand();
    for (let kind = tokens[at]; kind === 'and' || kind === 'or'; kind = tokens[at]) {
      at += 1;
      left = { kind, left, right: operand() };
    }
    return left;
  }

  const whole = expression();
  if (at < tokens.length) throw new Error(`"${text}" has a word too many: ${tokens[at]}`);
  return whole;
}

/** Whether an event is the one that is waited for: the same name, and no argument that differs. */
export function matches(wanted: UpstartEvent, event: UpstartEvent): boolean {
  return wanted.name === event.name && wanted.args.every((arg, index) => arg === event.args[index]);
}

/** What an expression remembers: the two sides of an `and` may come true far apart. */
export class EventWatch<Seen extends UpstartEvent = UpstartEvent> {
  readonly #expression: EventExpression;
  /** The event that made each operand true, kept until the whole has been acted on. */
  readonly #seen = new Map<EventExpression, Seen>();

  constructor(expression: EventExpression) {
    this.#expression = expression;
  }

  /**
   * Takes note of an event. If that makes the whole expression true, gives the events that did and forgets them;
   * null otherwise.
   */
  take(event: Seen): Seen[] | null {
    if (!this.#note(this.#expression, event) || !this.#isTrue(this.#expression)) return null;
    const events = [...new Set(this.#seen.values())];
    this.#seen.clear();
    return events;
  }

  #note(node: EventExpression, event: Seen): boolean {
    if (node.kind !== 'event') {
      const left = this.#note(node.left, event);
      return this.#note(node.right, event) || left;
    }
    const isNew = !this.#seen.has(node) && matches(node.event, event);
    if (isNew) this.#seen.set(node, event);
    return isNew;
  }

  #isTrue(node: EventExpression): boolean {
    if (node.kind === 'event') return this.#seen.has(node);
    const [left, right] = [this.#isTrue(node.left), this.#isTrue(node.right)];
    return node.kind === 'and' ? left && right : left || right;
  }
}
