import type { Prompter, Question } from '../transport.ts';
import { plainText } from './problems.ts';

/** Puts a question to the person. null: cancelled, timed out, nobody there, or not as many answers as questions. */
export type Ask = (question: Question) => Promise<readonly string[] | null>;

/** What the wire takes (protocol/messages, `prompt`): a server may send more. */
const TITLE_MAX = 500;
const INSTRUCTIONS_MAX = 4000;
const TEXT_MAX = 500;
const QUESTIONS_MAX = 16;

interface Asker {
  readonly prompter: Prompter;
  readonly signal: AbortSignal;
  readonly onCancel: () => void;
}

/**
 * Everyone who waits for one connection. A question goes to who has waited longest; when they give up, to the next:
 * a terminal that is closed at the password prompt must not end the log view that waits for the same device. Who does
 * not answer is out with all that the same person waits with, and nobody else: only the last person ends the login.
 */
export class Askers {
  readonly #askers = new Set<Asker>();
  readonly #deadlineMs: number;

  /** @param deadlineMs what a person has for each answer; null is the answer then */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  get size(): number {
    return this.#askers.size;
  }

  /**
   * Returns how to leave.
   * @param onCancel this one left, because the person did not answer; others are asked now
   */
  join(prompter: Prompter, signal: AbortSignal, onCancel: () => void): () => void {
    const asker = { prompter, signal, onCancel };
    this.#askers.add(asker);
    return () => this.#askers.delete(asker);
  }

  readonly ask: Ask = async (question) => {
    if (question.questions.length > QUESTIONS_MAX) return null;
    const fitting: Question = {
      title: plainText(question.title, TITLE_MAX),
      instructions: plainText(question.instructions, INSTRUCTIONS_MAX),
      questions: question.questions.map(({ text, echo }) => ({ text: plainText(text, TEXT_MAX), echo })),
    };
    for (let asker = this.#first(); asker; asker = this.#first()) {
      const answers = await answerOf(asker, fitting, this.#deadlineMs);
      if (answers === 'gone') this.#askers.delete(asker);
      else if (answers?.length === question.questions.length) return answers;
      else if (!this.#dismiss(asker.prompter)) return null;
    }
    return null;
  };

  /** Lets all go that ask the same person; false, and they stay, when nobody else waits. */
  #dismiss(silent: Prompter): boolean {
    const isSame = ({ prompter }: Asker) =>
      prompter === silent || (silent.principal !== undefined && prompter.principal === silent.principal);
    const waiting = [...this.#askers].filter(({ signal }) => !signal.aborted);
    if (waiting.every(isSame)) return false;
    for (const asker of waiting.filter(isSame)) {
      this.#askers.delete(asker);
      asker.onCancel();
    }
    return true;
  }

  #first(): Asker | undefined {
    return [...this.#askers].find(({ signal }) => !signal.aborted);
  }
}

/** `gone`: the asker gave up before the answer. */
function answerOf(asker: Asker, question: Question, deadlineMs: number): Promise<readonly string[] | null | 'gone'> {
  return new Promise((resolve) => {
    const settle = (answers: readonly string[] | null | 'gone') => {
      clearTimeout(timer);
      asker.signal.removeEventListener('abort', onAbort);
      resolve(answers);
    };
    const onAbort = () => settle('gone');
    const timer = setTimeout(() => settle(null), deadlineMs);
    asker.signal.addEventListener('abort', onAbort);
    asker.prompter(question).then(settle, () => settle(null));
  });
}
