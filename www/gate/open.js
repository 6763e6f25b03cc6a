/**
 * Opening what the page marks with `data-sayso`: scripts in the order a browser would run them, frames, images, media,
 * links and templates, whether they stand in the page or are added later.
 */

import { allows } from './state.js';
import { attr, doc, fail, whole } from './page.js';
import { late } from './later.js';
import { loadable, trusted } from './trust.js';

/** What may name an address: as `data-src`, it waits. */
export const SOURCES = 'src srcset poster href'.split(' ');

/** Elements that were opened, or are about to be. */
export const opened = new WeakSet();
/** The ids whose code ran in this page view and cannot be stopped. */
export const ran = new Set();
/** Settles when every script before has had its turn. */
let turn;
/** Scripts that wait for the page's end. */
const last = [];
/** Whether the second file looks after waiting frames and mounted surfaces. */
let looks = 0;

/** Opens what is allowed; frames that wait get a placeholder. */
export function scan() {
  const scripts = [];
  let waiting = doc('querySelector', '[data-sayso-mount]');
  for (const element of doc('querySelectorAll', '[data-sayso]')) {
    try {
      const id = attr(element, 'data-sayso');
      const tag = element.localName;
      if (opened.has(element) || (tag == 'script' && element.type != 'text/plain')) continue;
      if (!allows(id)) {
        waiting ||= tag == 'iframe';
        continue;
      }
      // What has come in part waits for the rest.
      if (!whole(element)) continue;
      opened.add(element);
      if (tag == 'script')
        scripts.push({ id, script: element, place: element, type: attr(element, 'data-type') || '' });
      else if (tag == 'template') {
        ran.add(id);
        late('unfold', element, id);
      } else load(element);
    } catch (error) {
      fail('markup', error);
    }
  }
  if (waiting && !looks++) late('look');
  enqueue(scripts);
}

/**
 * Lets a frame, an image, a video or a link load.
 * @param {Element} element
 */
export function load(element) {
  const { nextSibling, parentNode } = element;
  const frame = element.localName == 'iframe';
  opened.add(element);
  // A frame that gets its address while the page is being parsed may stay empty in Chromium; put in anew, it loads.
  if (frame) element.remove();
  try {
    for (const name of SOURCES) {
      const value = attr(element, 'data-' + name);
      if (value) element.setAttribute(name, loadable(value));
    }
  } finally {
    if (frame) parentNode.insertBefore(element, nextSibling);
  }
  // Media look at their sources anew only when told.
  if (element.localName == 'source') element.parentNode.load?.();
}

/**
 * Runs gated scripts after those before them, and at the page's end what was deferred.
 * @param {{id: string, script: Element, place: Element, type: string}[]} scripts
 */
export function enqueue(scripts) {
  // By the page's end all that it says before waits in line.
  const ended = doc('readyState') != 'loading';
  // Then also without any, to have the deferred ones run.
  if (ended || scripts[0]) turn = inOrder(scripts, ended, turn);
}

/** Runs gated scripts in the order a parser would: deferred ones and modules after whatever else the page says. */
async function inOrder(scripts, ended, before) {
  await before;
  const now = [];
  for (const item of scripts) {
    const { script, type } = item;
    item.src = attr(script, 'data-src') || attr(script, 'src');
    if (script.hasAttribute('async')) run(item);
    else (type == 'module' || (item.src && script.hasAttribute('defer')) ? last : now).push(item);
  }
  await runAll(now);
  // What is deferred holds nothing else back.
  if (ended) runAll(last.splice(0));
}

/** Runs scripts one after the other, several external ones at a time: an inline one waits for those before it. */
async function runAll(scripts) {
  const loads = [];
  for (const item of scripts) {
    if (!item.src) await Promise.all(loads);
    loads.push(run(item));
  }
  await Promise.all(loads);
}

/** Puts an executable script in a gated one's place. Settles when it has run or failed. */
function run({ id, script, place, type, src }) {
  return new Promise((done) => {
    try {
      const running = doc('createElement', 'script');
      for (const { name, value } of script.attributes) {
        if (name != 'src') running.setAttribute(name, value);
      }
      running.type = type;
      running.async = script.hasAttribute('async');
      // The gated tag's own nonce: a tag that somebody slipped into the page does not know it.
      running.nonce = script.nonce;
      if (src) {
        running.addEventListener('load', done);
        running.addEventListener('error', done);
        running.src = trusted.createScriptURL(loadable(src));
      } else running.text = trusted.createScript(script.text);
      // A choice may have been taken back while it waited.
      if (place.isConnected && allows(id)) {
        ran.add(id);
        place.replaceWith(running);
      } else src = '';
    } catch (error) {
      fail('script', error);
      src = '';
    }
    if (!src) done();
  });
}
