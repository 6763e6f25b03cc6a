/**
 * The first layer: light DOM, first in the body, styled by an adopted sheet. It takes no focus, locks no scrolling and
 * moves nothing.
 */

import { doc } from './page.js';
import { make } from './tree.js';
import { nonce } from './place.js';

/** How long it must have been in view before an *accept* counts, in milliseconds. */
const PATIENCE = 300;
/** How often it is put back when the page throws it out. */
const RETURNS = 9;

/** @type {Element|undefined} */
let root;
let puts = 0;
let seen = Infinity;
let styled;

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
 * @param {?string} css
 */
export function showLayer(tree, css) {
  const body = doc('body');
  if (!body || (root && root.isConnected) || puts > RETURNS) return;
  if (!styled) style(css);
  root ||= make(tree);
  puts++;
  body.prepend(root);
  watch();
}

/** Adopts the sheet; browsers that cannot get a style element with the gate's own nonce. */
function style(css) {
  styled = true;
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
  if (root) root.remove();
  root = undefined;
}

/**
 * Whether a button is one of the layer's own.
 * @param {Element} button
 * @returns {boolean}
 */
export const inLayer = (button) => !!root && root.contains(button);

/**
 * Whether an event may count as a yes: made by a person, and not before the layer could be read.
 * @param {Event} event
 * @returns {boolean}
 */
export const deliberate = (event) => event.isTrusted && event.timeStamp - seen >= PATIENCE;

/** Whether both answers are in view with nothing in front of them. */
export function answersInView() {
  return ['give-all', 'refuse-all'].every((action) => {
    const button = root.querySelector(`[data-sayso-action="${action}"]`);
    if (!button) return false;
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(doc('elementFromPoint', x + width / 2, y + height / 2));
  });
}
