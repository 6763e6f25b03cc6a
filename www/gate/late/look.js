/**
 * Places that wait: frames get a placeholder of their own size that names who they are from, and the app's surfaces are
 * drawn where the page has a place for them. Both for elements added later too.
 */

import { beside } from './beside.js';
import { doc } from '../page.js';
import { make } from '../tree.js';
import { open } from './wasm.js';
import { style } from './mend.js';

/** Waiting frames and their placeholders. */
const waiting = new Map();
const mounted = new WeakSet();
let looking;

/** Frames smaller than this are not there to be seen. */
const LEAST = 80;

/** The placeholder's look, which weighs nothing against the page's own rules for `.sayso-wait`. */
const SHEET = `
:where(.sayso-wait) {
  --t: var(--sayso-text, #122);
  --b: var(--sayso-button, #dee);
  --i: var(--sayso-button-text, #044);
  place-content: center;
  justify-items: center;
  gap: 0.875em;
  padding: 1em;
  color: var(--t);
  background: var(--sayso-surface, #f4f7f7);
  font: 1rem/1.5 var(--sayso-font, system-ui, sans-serif);
  text-align: center;
  border: 1px solid #6888;
  border-radius: calc(var(--sayso-radius, 1.125em) * 0.6);
}
:where(.sayso-wait p) {
  margin: 0;
  max-width: 46ch;
  text-wrap: balance;
}
:where(.sayso-wait div) {
  display: flex;
  flex-wrap: wrap;
  justify-content: center;
  gap: 0.5em;
}
:where(.sayso-wait button) {
  min-height: 3em;
  padding: 0.25em 1.125em;
  color: var(--i);
  background: var(--b);
  font: inherit;
  font-weight: 600;
  border: 1px solid #688;
  border-radius: calc(var(--sayso-radius, 1.125em) * 0.6);
  cursor: pointer;
}
@media (prefers-color-scheme: dark) {
  :where(.sayso-wait) {
    --t: var(--sayso-text, #eee);
    --b: var(--sayso-button, #244);
    --i: var(--sayso-button-text, #cee);
    background: var(--sayso-surface, #122);
  }
}`;

/**
 * Begins to look, once.
 * @param {Object} tools
 */
export function look(tools) {
  const all = () => {
    for (const [frame, box] of waiting) if (!frame.isConnected || tools.opened.has(frame)) release(frame, box);
    for (const frame of doc('querySelectorAll', 'iframe[data-sayso]')) hold(tools, frame);
    for (const place of doc('querySelectorAll', ':not(form)[data-sayso-mount]')) {
      if (!mounted.has(place)) {
        mounted.add(place);
        open(tools, place.getAttribute('data-sayso-mount'), { place });
      }
    }
  };
  if (looking) return;
  looking = true;
  style(SHEET.replace(/\s+/g, ' '));
  // The frame's address is set when it opens; a frame that is shut is replaced.
  new MutationObserver(all).observe(document, { childList: true, subtree: true, attributeFilter: ['src'] });
  // Sizes are known once the page's styles are there.
  if (doc('readyState') == 'complete') all();
  else addEventListener('load', all, { once: true });
  requestAnimationFrame(all);
}

/** Placeholders are measured anew when there is more room for their frames, or less. */
const room = new ResizeObserver(() => waiting.forEach((box, frame) => fit(frame, box)));

/** Takes a placeholder away. */
function release(frame, box) {
  box.remove();
  waiting.delete(frame);
  frame.style.display = '';
}

/** Puts a placeholder where a frame waits. */
function hold(tools, frame) {
  const { policy, opened, load } = tools;
  const id = frame.getAttribute('data-sayso');
  const { texts } = policy;
  if (!texts?.wait || opened.has(frame) || tools.verdict().open[id] || waiting.has(frame) || frame.offsetWidth < LEAST)
    return;
  const service = policy.purposes.flatMap((purpose) => purpose.services || []).find((one) => one.id == id);
  const box = placeholder(texts, service, frame, (always) => {
    if (always) beside(tools, 'placeholder', 'give', 'g', [id]);
    else load(frame);
  });
  frame.before(box);
  waiting.set(frame, box);
  fit(frame, box);
  if (frame.parentElement) room.observe(frame.parentElement);
}

/** Gives a placeholder the place that its frame would take now. Nothing is painted in between. */
function fit(frame, box) {
  box.style.display = 'none';
  frame.style.display = '';
  const { offsetWidth: width, offsetHeight: height } = frame;
  const { display, position, inset, margin, float, gridArea } = getComputedStyle(frame);
  const outer = display == 'inline' ? 'inline-grid;vertical-align:bottom' : 'grid';
  box.style.cssText =
    `display:${outer};position:${position};inset:${inset};margin:${margin};float:${float};grid-area:${gridArea};` +
    `width:${width}px;aspect-ratio:${width}/${height};box-sizing:border-box;max-width:100%;overflow:auto`;
  frame.style.display = 'none';
}

/** The placeholder itself: a sentence and two buttons. */
function placeholder(texts, service, frame, allow) {
  const address = frame.getAttribute('data-src');
  const host = address ? new URL(address, doc('baseURI')).hostname : '';
  const words = { provider: service?.provider || host, service: service?.name || host };
  const fill = (text) => text.replace(/\{(provider|service)\}/g, (_, name) => words[name]);
  const sentence = fill(texts.wait);
  const box = make([
    'div',
    { class: 'sayso-wait', role: 'group', 'aria-label': frame.title || sentence },
    ['p', 0, sentence],
    ['div', 0],
  ]);
  for (const action of ['once', 'always']) {
    const button = make(['button', { type: 'button', 'data-sayso-action': action }, fill(texts[action])]);
    // A yes: from a person's click or key only.
    button.addEventListener('click', (event) => event.isTrusted && allow(action == 'always'));
    box.lastChild.append(button);
  }
  return box;
}
