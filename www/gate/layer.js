/**
 * The first layer: light DOM, first in the body, styled by an adopted sheet. It takes no focus, locks no scrolling and
 * moves nothing.
 */

import { doc } from './page.js';
import { make } from './tree.js';
import { late } from './later.js';

/** How long it must have been in view before an *accept* counts, in milliseconds. */
const PATIENCE = 300;
/** How often it is put into the page: a page that throws it out gets it back, but not for ever. */
const PUTS = 9;

/** @type {Element|undefined} */
let root;
let puts = 0;
let seen = Infinity;

/**
 * Shows the layer, or puts it back.
 * @param {*} tree
 * @param {string} css
 */
export function showLayer(tree, css) {
  const body = doc('body');
  if (!body || root?.isConnected || puts > PUTS) return;
  if (!puts++) style(css);
  root ||= make(tree);
  body.prepend(root);
  // The top layer, which no z-index reaches. It takes no focus and closes for nobody.
  try {
    root.popover = 'manual';
    root.showPopover();
  } catch {
    // An older browser, or a page that keeps others out of it: then the sheet alone puts it in front.
  }
  // The first frame that the browser draws with it: never, in a tab that is not in front.
  requestAnimationFrame((time) => {
    seen = time;
  });
}

/** Adopts the sheet; browsers that cannot get a style element. */
function style(css) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    doc('adoptedStyleSheets').push(sheet);
  } catch {
    late('style', css);
  }
}

/** Takes the layer away. */
export function hideLayer() {
  root?.remove();
  root = undefined;
}

/**
 * Whether a button is one of the layer's own.
 * @param {?Element|undefined} button
 * @returns {boolean|undefined}
 */
export const inLayer = (button) => root?.contains(button);

/**
 * Whether an event may count as a yes: made by a person, and not before the layer could be read.
 * @param {Event} event
 * @returns {boolean}
 */
export const deliberate = (event) => event.isTrusted && event.timeStamp - seen >= PATIENCE;

/** Whether both answers are in view with nothing in front of them. */
export const answersInView = () =>
  [...root.querySelectorAll('[data-sayso-action$=all]')].every((button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(doc('elementFromPoint', x + width / 2, y + height / 2));
  });
