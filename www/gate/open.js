/**
 * Opening and shutting what the page marks with `data-sayso`: scripts in the order a browser would run them, frames,
 * images, media, links and templates, whether they stand in the page or are added later.
 */

import { address, code, loadable } from './trust.js';
import { afterPaint, attr, doc, fail, listen } from './page.js';
import { allows, known, policy } from './state.js';
import { make } from './tree.js';

const SOURCES = ['src', 'srcset', 'poster', 'href'];

/** Elements that were opened, or are about to be. */
const opened = new WeakSet();
/** Waiting frames and their placeholders. */
const waiting = new Map();
/** The ids whose code ran in this page view and cannot be stopped. */
const ran = new Set();
/** Settles when every script before has had its turn. */
let turn;

/** Whether code ran that is no longer allowed. */
export const mustReload = () => ![...ran].every(allows);

/**
 * Opens what is allowed.
 * @param {boolean} [shutting] answers have changed: what was opened and is not allowed is shut
 */
export function scan(shutting) {
  const scripts = [];
  for (const element of doc('querySelectorAll', '[data-sayso]')) {
    try {
      const id = attr(element, 'data-sayso');
      const tag = element.localName;
      if (opened.has(element)) {
        if (shutting && !allows(id)) shut(element);
      } else if (!allows(id)) {
        if (tag == 'iframe') afterPaint(() => hold(element, id));
      } else if (tag == 'template') {
        const content = doc('importNode', element.content, true);
        for (const script of content.querySelectorAll('script')) {
          if (!/json|map|rules/.test(script.type)) {
            const place = make(['slot']);
            script.replaceWith(place);
            scripts.push({ id, script, place, type: script.type });
          }
        }
        opened.add(element);
        ran.add(id);
        element.after(content);
      } else if (tag != 'script') load(element);
      else if (element.type == 'text/plain') {
        opened.add(element);
        scripts.push({ id, script: element, place: element, type: attr(element, 'data-type') || '' });
      }
    } catch (error) {
      fail('markup', error);
    }
  }
  for (const [frame, box] of waiting) if (!frame.isConnected) release(frame, box);
  if (scripts[0]) turn = inOrder(scripts, turn);
}

/**
 * The waiting frame that a placeholder's button belongs to.
 * @param {Element} button
 * @returns {Element|undefined}
 */
export const frameOf = (button) => [...waiting].find(([, box]) => box.contains(button))?.[0];

/**
 * Lets a frame, an image, a video or a link load.
 * @param {Element} element
 */
export function load(element) {
  opened.add(element);
  for (const name of SOURCES) {
    const value = attr(element, 'data-' + name);
    if (value) element.setAttribute(name, loadable(value));
  }
  release(element, waiting.get(element));
  media(element);
}

/** Takes a placeholder away. */
function release(frame, box) {
  if (box) {
    box.remove();
    waiting.delete(frame);
    frame.style.display = '';
  }
}

/** Media look at their sources anew only when told. */
function media(element) {
  for (const one of [element, element.parentNode]) if (one instanceof HTMLMediaElement) one.load();
}

/** Takes the address away; the element is replaced, so that what a frame holds is gone. */
function shut(element) {
  const left = element.cloneNode(true);
  for (const name of SOURCES) if (attr(left, 'data-' + name)) left.removeAttribute(name);
  element.replaceWith(left);
  media(left);
}

/** Runs gated scripts in the order a parser would: an inline one waits for the external ones before it. */
async function inOrder(scripts, before) {
  await before;
  const loads = [];
  const late = [];
  for (const item of scripts) {
    const { script, type } = item;
    item.src = attr(script, 'data-src') || attr(script, 'src');
    if (script.hasAttribute('async')) run(item);
    else if (type == 'module' || (item.src && script.hasAttribute('defer'))) late.push(item);
    else {
      if (!item.src) await Promise.all(loads);
      loads.push(run(item));
    }
  }
  await Promise.all(loads);
  if (doc('readyState') == 'loading') listen('DOMContentLoaded', () => late.forEach(run));
  else late.forEach(run);
}

/** Puts an executable script in a gated one's place. Settles when it has run or failed. */
function run({ id, script, place, type, src }) {
  // A choice may have been taken back while it waited.
  if (!place.isConnected || !allows(id)) return;
  return new Promise((done) => {
    const running = doc('createElement', 'script');
    try {
      for (const { name, value } of script.attributes) {
        if (!/^(type|(data-)?src|nonce)$/.test(name)) running.setAttribute(name, /^on/.test(name) ? code(value) : value);
      }
      running.type = type;
      running.async = script.hasAttribute('async');
      // The gated tag's own nonce: a tag that somebody slipped into the page does not know it.
      running.nonce = script.nonce;
      running.addEventListener('load', done);
      running.addEventListener('error', done);
      if (src) running.src = address(src);
      else running.text = code(script.text);
      ran.add(id);
      place.replaceWith(running);
      if (!src) done();
    } catch (error) {
      fail('script', error);
      done();
    }
  });
}

/** Puts a placeholder of the same size where a frame waits, naming who it is from. */
function hold(frame, id) {
  const { texts } = policy;
  const { offsetWidth: width, offsetHeight: height } = frame;
  if (!texts || opened.has(frame) || waiting.has(frame) || width < 80) return;
  const [, service] = known[id] || [];
  const host = new URL(attr(frame, 'data-src'), location).hostname;
  const text = texts.wait.replace('{provider}', service?.provider || host).replace('{service}', service?.name || host);
  const button = (action) => ['button', { type: 'button', 'data-sayso-action': action }, texts[action]];
  const box = make(['div', { class: 'sayso-wait', role: 'group', 'aria-label': text }, ['p', 0, text], button('once'), button('always')]);
  const { position, inset, margin } = getComputedStyle(frame);
  box.style.cssText =
    `position:${position};inset:${inset};margin:${margin};width:${width}px;aspect-ratio:${width}/${height};` +
    'max-width:100%;box-sizing:border-box;overflow:auto;display:grid;place-content:center';
  frame.before(box);
  frame.style.display = 'none';
  waiting.set(frame, box);
}
