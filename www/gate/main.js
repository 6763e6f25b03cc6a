/**
 * The gate: nothing that needs an answer happens before it, and what was answered happens at once.
 *
 * The build joins these modules in import order into one function expression and calls it with the site's data, so a
 * page pays for one small script.
 */

import { answer } from './decide.js';
import { answersInView, deliberate, inLayer, showLayer, watch } from './layer.js';
import { attr, bare, doc, emit, listen, nearest } from './page.js';
import { begin, policy, recall, verdict } from './state.js';
import { clear } from './clear.js';
import { deliver } from './deliver.js';
import { follow, leaving } from './change.js';
import { frameOf, load, scan } from './open.js';
import { joinTabs, leaveTabs } from './tabs.js';
import { lasting } from './store.js';
import { locate, source } from './place.js';
import { makePort } from './port.js';
import { openSurface, settleSoon, wasm } from './load.js';
import { publish } from './api.js';

/**
 * @param {Object} config the site's policy in short form
 * @param {*} layer the first layer as a compact tree, or null where the app draws it
 * @param {?string} css the first layer's sheet
 */
export function gate(config, layer, css) {
  // Included twice: the first one works.
  if (window.sayso?.allows && !window.sayso.q) return;
  const begun = () => start(config, layer, css);
  if (doc('prerendering')) listen('prerenderingchange', begun);
  else begun();
}

/** Everything a page view needs, in order: what is allowed opens first, then the visitor is asked. */
function start(config, layer, css) {
  const mounted = new WeakSet();
  const show = () => verdict.ask[0] && layer && (showLayer(layer, css), true);
  const look = () => {
    scan();
    show();
    for (const place of doc('querySelectorAll', ':not(form)[data-sayso-mount]')) {
      if (!mounted.has(place)) {
        mounted.add(place);
        openSurface(attr(place, 'data-sayso-mount'), place);
      }
    }
  };
  const leave = () => {
    // Loaded anew by the gate itself, with the decision in storage: the next page view signs it.
    if (!(leaving && lasting())) deliver();
  };

  begin(bare(JSON.stringify(config)));
  locate(policy.base);
  clear();
  look();
  publish(() => {
    if (!show()) openSurface('preferences');
  });
  emit('ready', verdict.status);
  if (verdict.ask[0] && !layer) wasm('app').then((app) => app.mount(makePort(), 'banner'), () => {});
  // Answered for a later revision than this gate knows: the next page view gets the newer gate.
  if (verdict.newer[0] && source) fetch(source, { cache: 'reload' });
  settleSoon();

  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  joinTabs();
  listen('click', click);
  listen('visibilitychange', () => {
    if (doc('visibilityState') == 'hidden') leave();
    else {
      watch();
      follow(recall);
    }
  });
  listen('pagehide', () => {
    leave();
    leaveTabs();
  });
  listen('pageshow', ({ persisted }) => {
    if (persisted) {
      joinTabs();
      follow(recall);
    }
  });
}

/** Clicks on the first layer, on placeholders, and on whatever opens a surface. */
function click(event) {
  const { target } = event;
  const button = nearest(target, 'data-sayso-action');
  const opener = nearest(target, 'data-sayso-open');
  const frame = button && frameOf(button);
  const action = button && attr(button, 'data-sayso-action');
  if (inLayer(button)) {
    const yes = action == 'give-all';
    if (action == 'preferences') openSurface(action);
    // A no may come from a script: robots refuse for people.
    else if (!yes || deliberate(event)) answer('banner', action, yes ? 'g' : 'r', undefined, answersInView());
  } else if (frame) {
    if (!event.isTrusted) return;
    if (action == 'once') load(frame);
    else answer('placeholder', 'give', 'g', attr(frame, 'data-sayso'));
  } else if (opener) {
    event.preventDefault();
    openSurface(attr(opener, 'data-sayso-open'), null, opener.href);
  }
}
