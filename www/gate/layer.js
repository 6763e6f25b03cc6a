/**
 * The first layer: light DOM, first in the body, styled by an adopted sheet. It takes no focus, locks no scrolling and
 * moves nothing.
 */

import { doc } from './page.js';
import { make } from './tree.js';
import { nonce } from './place.js';

/** How long it must have been in view before an *accept* counts, in milliseconds. */
const PATIENCE = 300;
/** How often it is put into the page: a page that throws it out gets it back, but not for ever. */
const PUTS = 9;

/** @type {Element|undefined} */
let root;
let puts = 0;
let seen = Infinity;

/** Starts the time in view anew, from the next frame that the browser draws. */
export function watch() {
  seen = Infinity;
  requestAnimationFrame((time) => {
    seen = time;
  });
}

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
  watch();
}

/** Adopts the sheet; browsers that cannot get a style element with the gate's own nonce. */
function style(css) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    doc('adoptedStyleSheets').push(sheet);
  } catch {
    const element = make(['style', 0, css]);
    element.nonce = nonce;
    doc('head').append(element);
  }
}

/** Takes the layer away. */
export function hideLayer() {
  root?.remove();
  root = undefined;
}

/**
 * Whether a button is one of the layer's own.
 * @param {Element} button
 * @returns {boolean}
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
