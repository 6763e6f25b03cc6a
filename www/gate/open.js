/**
 * Opening and shutting what the page marks with `data-sayso`: scripts in the order a browser would run them, frames,
 * images, media, links and templates, whether they stand in the page or are added later.
 */

import { address, code, loadable } from './trust.js';
import { afterPaint, attr, doc, fail } from './page.js';
import { make } from './tree.js';
import { allows, policy } from './state.js';

const MARK = 'data-sayso';
const SOURCES = ['src', 'srcset', 'poster', 'href'];

/** Frames, media and templates that were opened. */
const opened = new WeakSet();
/** Waiting frames and their placeholders. */
const waiting = new Map();
/** The ids whose code ran in this page view and cannot be stopped. */
const ran = new Set();
/** Settles when every script before has had its turn. */
let turn;

/** Whether code ran that is no longer allowed. */
export const mustReload = () => [...ran].some((id) => !allows(id));

/**
 * Opens what is allowed and shuts what is not, in an element and below it.
 * @param {Element|Document} root
 */
export function scan(root) {
  const found = [...(root == document ? doc('querySelectorAll', `[${MARK}]`) : root.querySelectorAll(`[${MARK}]`))];
  if (root != document && root.matches(`[${MARK}]`)) found.unshift(root);
  const scripts = [];
  for (const element of found) {
    const id = attr(element, MARK);
    const tag = element.localName;
    if (allows(id)) {
      if (tag == 'script') {
        if (attr(element, 'type') == 'text/plain') scripts.push(element);
      } else if (!opened.has(element)) {
        if (tag == 'template') unfold(element, id);
        else load(element);
      }
    } else if (opened.has(element)) {
      shut(element, tag);
    } else if (tag == 'iframe') {
      afterPaint(() => hold(element, id));
    }
  }
  if (scripts.length) turn = inOrder(scripts, turn);
}

/** Drops the placeholders of frames that left the page. */
export function tidy() {
  for (const [frame, box] of waiting) {
    if (!frame.isConnected) {
      box.remove();
      waiting.delete(frame);
    }
  }
}

/**
 * The waiting frame that a placeholder's button belongs to.
 * @param {Element} button
 * @returns {Element|undefined}
 */
export function frameOf(button) {
  for (const [frame, box] of waiting) if (box.contains(button)) return frame;
}

/**
 * Lets a frame, an image, a video or a link load.
 * @param {Element} element
 */
export function load(element) {
  opened.add(element);
  for (const name of SOURCES) {
    const value = attr(element, 'data-' + name);
    if (value && loadable(value, doc('baseURI'))) element.setAttribute(name, value);
  }
  const box = waiting.get(element);
  if (box) {
    box.remove();
    waiting.delete(element);
    element.style.removeProperty('display');
  }
  reload(element);
}

/** Media look at their sources anew only when told. */
function reload(element) {
  for (const media of [element, element.parentNode]) if (media instanceof HTMLMediaElement) media.load();
}

/** Takes the address away; a frame is replaced, so that what it holds is gone. */
function shut(element, tag) {
  opened.delete(element);
  const left = tag == 'iframe' ? element.cloneNode() : element;
  for (const name of SOURCES) if (attr(element, 'data-' + name)) left.removeAttribute(name);
  if (left != element) element.replaceWith(left);
  reload(left);
}

/** Puts a template's content behind it; its scripts take their turn like any gated one. */
function unfold(template, id) {
  opened.add(template);
  ran.add(id);
  const content = doc('importNode', template.content, true);
  for (const script of content.querySelectorAll('script')) {
    const type = attr(script, 'type') || '';
    if (/^$|^module$|javascript/.test(type)) {
      script.setAttribute('data-type', type);
      script.setAttribute('type', 'text/plain');
      script.setAttribute(MARK, id);
    }
  }
  // The observer of later elements finds what is gated in it.
  template.after(content);
}

/** Runs gated scripts in the order a parser would: an inline one waits for the external ones before it. */
async function inOrder(scripts, before) {
  await before;
  let loads = [];
  const late = [];
  for (const script of scripts) {
    const external = attr(script, 'data-src') || attr(script, 'src');
    if (script.hasAttribute('async')) run(script, external);
    else if (attr(script, 'data-type') == 'module' || (external && script.hasAttribute('defer'))) late.push([script, external]);
    else {
      if (!external) loads = await Promise.all(loads).then(() => []);
      loads.push(run(script, external));
    }
  }
  await Promise.all(loads);
  const runLate = () => late.forEach(([script, external]) => run(script, external));
  if (doc('readyState') == 'loading') doc('addEventListener', 'DOMContentLoaded', runLate);
  else runLate();
}

/** Puts an executable script in a gated one's place. Settles when it has run or failed. */
function run(gated, external) {
  const id = attr(gated, MARK);
  // A choice may have been taken back while it waited.
  if (!gated.isConnected || !allows(id)) return;
  return new Promise((done) => {
    try {
      const script = doc('createElement', 'script');
      for (const { name, value } of gated.attributes) {
        if (!/^(type|src|nonce|data-(type|src))$/.test(name)) script.setAttribute(name, /^on/.test(name) ? code(value) : value);
      }
      script.type = attr(gated, 'data-type') || '';
      // The gated tag's own nonce: a tag that somebody slipped into the page does not know it.
      script.nonce = gated.nonce;
      script.async = gated.hasAttribute('async');
      script.addEventListener('load', done);
      script.addEventListener('error', done);
      if (external) {
        if (!loadable(external, doc('baseURI'))) throw external;
        script.src = address(external);
      } else script.text = code(gated.text);
      ran.add(id);
      gated.replaceWith(script);
      if (!external) done();
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
  if (!texts || allows(id) || waiting.has(frame) || !frame.isConnected || width < 80 || height < 60) return;
  const service = policy.purposes.flatMap((purpose) => purpose.services || []).find((one) => one.id == id);
  const names = service || { name: '', provider: new URL(attr(frame, 'data-src') || '', location).hostname };
  const text = texts.wait.replace(/\{(provider|service)\}/g, (_, name) => names[name == 'service' ? 'name' : name] || '');
  const button = (action) => ['button', { type: 'button', 'data-sayso-action': action }, texts[action]];
  const box = make(['div', { class: 'sayso-wait', role: 'group', 'aria-label': text }, ['p', 0, text], button('once'), button('always')]);
  const { position, inset, margin, float, gridArea } = getComputedStyle(frame);
  box.style.cssText =
    `position:${position};inset:${inset};margin:${margin};float:${float};grid-area:${gridArea};width:${width}px;` +
    `aspect-ratio:${width}/${height};box-sizing:border-box;max-width:100%;overflow:auto;display:grid;place-content:center;gap:.5em`;
  frame.before(box);
  frame.style.setProperty('display', 'none', 'important');
  waiting.set(frame, box);
}
