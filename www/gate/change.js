/** What follows from new answers, wherever they came from: shut at once, open after the next paint, tell the page. */

import { afterPaint, emit } from './page.js';
import { allows, stateText, verdict } from './state.js';
import { clear } from './clear.js';
import { hideLayer } from './layer.js';
import { mustReload, scan } from './open.js';
import { tellTabs } from './tabs.js';

/** Whether this page is about to be loaded anew by the gate itself. */
export let leaving = false;

/**
 * Takes new answers and does what they ask for.
 * @param {function(): void} take
 * @param {boolean} [clicked] the page is painted first: somebody waits for the layer to go
 */
export function follow(take, clicked) {
  const text = stateText();
  const { open, status } = verdict;
  take();
  if (!verdict.ask[0]) hideLayer();
  if (stateText() == text) return;
  tellTabs(stateText());
  const tell = () => {
    emit('change', verdict.status);
    for (const word of new Set(Object.values(verdict.status))) {
      const purposes = Object.keys(status).filter((id) => verdict.status[id] == word && status[id] != word);
      if (purposes[0]) emit(word.toLowerCase(), { purposes });
    }
  };
  const proceed = () => {
    scan(true);
    tell();
  };
  if (Object.keys(open).some((id) => open[id] && !allows(id))) {
    clear();
    scan(true);
  }
  if (mustReload()) {
    tell();
    leaving = true;
    location.reload();
  } else if (clicked) afterPaint(proceed);
  else proceed();
}
