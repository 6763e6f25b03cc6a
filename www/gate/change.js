/** What follows from new answers, wherever they came from: shut at once, open after the next paint, tell the page. */

import { afterPaint, emit } from './page.js';
import { allows, currentStatuses, stateText, verdict } from './state.js';
import { announce } from './tabs.js';
import { clear } from './clear.js';
import { hideLayer } from './layer.js';
import { mustReload, scan } from './open.js';

/** Whether this page is about to be loaded anew by the gate itself. */
export let leaving = false;

/**
 * Takes new answers and does what they ask for.
 * @param {function(): void} take
 * @param {boolean} [clicked] the page is painted first: somebody waits for the layer to go
 */
export function follow(take, clicked) {
  const text = stateText();
  const before = currentStatuses();
  const open = Object.keys(verdict.open).filter(allows);
  take();
  if (!verdict.ask) hideLayer();
  if (stateText() == text) return;
  announce(stateText());
  const proceed = () => {
    scan(document);
    tell(before);
  };
  if (!open.every(allows)) {
    clear();
    scan(document);
  }
  if (mustReload()) {
    tell(before);
    leaving = true;
    location.reload();
  } else if (clicked) afterPaint(proceed);
  else proceed();
}

/** Sends `change`, and one event for each kind of answer that is new. */
function tell(before) {
  const now = currentStatuses();
  emit('change', now);
  for (const status of ['Given', 'Refused', 'Withdrawn', 'Objected']) {
    const purposes = Object.keys(now).filter((id) => now[id] == status && before[id] != status);
    if (purposes[0]) emit(status.toLowerCase(), { purposes });
  }
}
