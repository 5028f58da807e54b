// The box to paste into: a text area with line numbers and marks behind the text.
//
// Lines are not wrapped, so a line's place is its number times the row height, and only lines
// with marks are drawn a second time. That keeps marks exact and a paste of megabytes light.
// Not here: what is marked and why.

// A line is drawn again up to this far; a mark beyond it would cost more than it shows.
const DRAWN = 4000;
const ROWS_PER_MARK = 40;
// What stays in view beside a mark, in pixels.
const MARGIN = 24;

export class Box {
  #area;
  #gutter;
  #marks;
  #lines = 1;

  constructor(box, changed) {
    this.#area = box.querySelector("textarea");
    this.#gutter = box.querySelector(".gutter");
    this.#marks = box.querySelector(".marks");
    this.#area.addEventListener("scroll", () => this.#scrolled());
    this.#area.addEventListener("input", () => {
      this.#changed();
      changed();
    });
    new ResizeObserver(() => this.#scrolled()).observe(box);
    this.#changed();
  }

  get text() {
    return this.#area.value;
  }

  /** Does not count as typing: `changed` is not called. */
  set text(text) {
    this.#area.value = text;
    this.#area.setSelectionRange(0, 0);
    this.#area.scrollTo(0, 0);
    this.#marks.replaceChildren();
    this.#changed();
  }

  /** What the box says while it is empty. */
  set hint(text) {
    this.#area.placeholder = text;
  }

  /** Marks `[{ start, end }]`, in UTF-16 units of the text, in ascending order. */
  mark(ranges) {
    const { text } = this;
    let line = 0;
    let begin = 0;
    const drawn = [];
    for (const range of ranges) {
      for (let newline = newlineBefore(text, begin, range.start); newline >= 0; newline = newlineBefore(text, begin, range.start)) {
        begin = newline + 1;
        line += 1;
      }
      drawn.push(...this.#rows(text, line, begin, range));
    }
    this.#marks.replaceChildren(...drawn);
  }

  /** Selects a marked range and brings it into view. The focus stays where it is. */
  reveal({ start, end }) {
    this.#area.setSelectionRange(start, end);
    let first;
    for (const mark of this.#marks.querySelectorAll("mark")) {
      const current = mark.dataset.range === `${start}-${end}`;
      mark.classList.toggle("current", current);
      if (current) first ??= mark;
    }
    if (first) this.#show(first);
  }

  #rows(text, line, begin, { start, end }) {
    const rows = [];
    for (let row = 0; row < ROWS_PER_MARK && begin <= end; row += 1) {
      const newline = text.indexOf("\n", begin);
      const stop = Math.min(end, newline < 0 ? text.length : newline);
      const from = Math.max(start, begin);
      if (stop > from && stop - begin < DRAWN) rows.push(this.#drawn(line + row, text.slice(begin, from), text.slice(from, stop), `${start}-${end}`));
      if (newline < 0 || newline >= end) break;
      begin = newline + 1;
    }
    return rows;
  }

  #drawn(line, before, text, range) {
    const mark = document.createElement("mark");
    mark.textContent = text;
    mark.dataset.range = range;
    const row = document.createElement("div");
    row.append(before, mark);
    row.style.top = `calc(${line} * var(--row))`;
    return row;
  }

  #show(mark) {
    const area = this.#area;
    const top = mark.parentElement.offsetTop;
    const overhang = mark.offsetLeft + mark.offsetWidth + MARGIN - area.clientWidth;
    const left = Math.min(Math.max(0, overhang), mark.offsetLeft - MARGIN);
    area.scrollTo({ top: top - area.clientHeight / 3, left, behavior: motion() });
    area.parentElement.scrollIntoView({ block: "nearest", behavior: motion() });
  }

  #changed() {
    this.#lines = lineCount(this.#area.value);
    this.#gutter.style.minWidth = `${String(this.#lines).length + 2}ch`;
    this.#scrolled();
  }

  // Only the numbers in view are there.
  #scrolled() {
    const { scrollTop, scrollLeft, clientHeight } = this.#area;
    const height = parseFloat(getComputedStyle(this.#area).lineHeight);
    this.#marks.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
    const first = Math.floor(scrollTop / height);
    const last = Math.min(this.#lines, first + Math.ceil(clientHeight / height) + 1);
    const numbers = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index + 1);
    const list = document.createElement("div");
    list.textContent = numbers.join("\n");
    list.style.transform = `translateY(${-(scrollTop % height)}px)`;
    this.#gutter.replaceChildren(list);
  }
}

/**
 * Turns offsets into the UTF-8 form of `text` into offsets into `text` itself.
 * `offsets` ascend, and so does what comes back.
 */
export function fromUtf8(text, offsets) {
  let bytes = 0;
  let at = 0;
  return offsets.map((offset) => {
    while (bytes < offset && at < text.length) {
      const code = text.codePointAt(at);
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      at += code < 0x10000 ? 1 : 2;
    }
    return at;
  });
}

function newlineBefore(text, from, to) {
  const newline = text.indexOf("\n", from);
  return newline < to ? newline : -1;
}

function lineCount(text) {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
