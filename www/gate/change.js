/** What follows from new answers, wherever they came from: shut at once, open after the next paint, tell the page. */

import { afterPaint, emit } from './page.js';
import { allows, inform, stateText, verdict } from './state.js';
import { hideLayer } from './layer.js';
import { late } from './later.js';
import { ran, scan } from './open.js';

/** How long clearing may take before the page is loaded anew without it, in milliseconds. */
const CLEARING = 500;

/** Whether this page is about to be loaded anew by the gate itself. */
export let leaving = false;
/** What waits for the page to be painted; nothing opens before. */
export let held;

/**
 * Does something once the page is painted as it is now, or left: somebody waits for a surface to go.
 * @param {function(): void} task
 */
export function hold(task) {
  held = task;
  afterPaint(release);
}

/** Does at once what waits. */
export function release() {
  const task = held;
  held = undefined;
  task?.();
}

/**
 * Takes new answers and does what they ask for.
 * @param {function(): void} take
 * @param {boolean} [clicked] the page is painted before anything opens: somebody waits for a surface to go
 */
export function follow(take, clicked) {
  const text = stateText();
  const { open, status } = verdict;
  take();
  if (!verdict.ask[0]) hideLayer();
  if (stateText() == text) return;
  const proceed = () => {
    // Vendors first: no tag that opens now may read what was.
    inform();
    if (!leaving) scan();
    emit('change', verdict.status);
    for (const id of Object.keys(status)) {
      const now = verdict.status[id];
      if (now != status[id]) emit(now.toLowerCase(), { purposes: [id] });
    }
  };
  if (Object.keys(open).some((id) => open[id] && !allows(id))) {
    // Code that ran cannot be stopped but by loading the page anew.
    leaving = ![...ran].every(allows);
    const reload = () => leaving && location.reload();
    late('shut').then(reload);
    setTimeout(reload, CLEARING);
  }
  if (clicked && !leaving) hold(proceed);
  else proceed();
}
