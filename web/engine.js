// Asks the worker, one question at a time; the newest question wins.
//
// Out: `started(version)`, `answered(question, answer)` and `failed(question, reason, detail)`;
//      reason is "start", "crash", "limit" or "stopped".
// Not here: what is asked and how the answer looks. That is main.js and show.js.

// How long a running diagnosis is still waited for once a newer question is there.
const PATIENCE = 400;
// How long a diagnosis may take at all.
const LIMIT = 120_000;

export class Engine {
  #listener;
  #worker;
  #running;
  #waiting;
  #timer;
  #count = 0;

  constructor(listener) {
    this.#listener = listener;
    this.#worker = this.#started();
  }

  /** Asks `{ files, lang }`; what else a question holds comes back with its answer. An older question that is still unanswered will stay so. */
  ask(question) {
    if (!this.#running) return this.#send(question);
    if (!this.#waiting) this.#giveUpAfter(PATIENCE, () => this.#supersede());
    this.#waiting = question;
  }

  /** Forgets what was asked; nothing is answered until the next question. */
  drop() {
    this.#waiting = undefined;
    if (this.#running) this.#halt();
  }

  /** The user does not want to wait any longer. */
  stop() {
    if (this.#running) this.#fail("stopped");
  }

  #started() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#received(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail("start", event.message ?? "");
    };
    return worker;
  }

  #send(question) {
    const id = ++this.#count;
    this.#running = { id, question };
    this.#giveUpAfter(LIMIT, () => this.#fail("limit"));
    this.#worker ??= this.#started();
    this.#worker.postMessage({ id, files: question.files, lang: question.lang });
  }

  #received({ id, error, ...answer }) {
    if (id === undefined) return error ? this.#fail("start", error) : this.#listener.started(answer.version);
    if (id !== this.#running?.id) return;
    if (error) return this.#fail("crash", error);
    clearTimeout(this.#timer);
    const { question } = this.#running;
    this.#running = undefined;
    if (this.#waiting) return this.#next();
    this.#listener.answered(question, answer);
  }

  #supersede() {
    this.#halt();
    this.#next();
  }

  #next() {
    const question = this.#waiting;
    this.#waiting = undefined;
    this.#send(question);
  }

  // After a panic the memory of the worker cannot be trusted, so it never answers again.
  #fail(reason, detail = "") {
    const question = this.#running?.question;
    this.#halt();
    if (this.#waiting) return this.#next();
    this.#listener.failed(question, reason, detail);
  }

  #halt() {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#running = undefined;
  }

  #giveUpAfter(time, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, time);
  }
}
