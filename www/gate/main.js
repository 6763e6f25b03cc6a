/**
 * The gate: nothing that needs an answer happens before it, and what was answered happens at once.
 *
 * The build joins these modules in import order into one function expression and calls it with the site's data, so a
 * page pays for one small script.
 */

import { listen, unlisten } from './tabs.js';
import { answersInView, deliberate, inLayer, showLayer, watch } from './layer.js';
import { attr, bare, doc, emit, nearest } from './page.js';
import { begin, currentStatuses, policy, recall, verdict } from './state.js';
import { clear } from './clear.js';
import { decide, everyPurpose } from './decide.js';
import { deliver } from './deliver.js';
import { follow, leaving } from './change.js';
import { frameOf, load, scan, tidy } from './open.js';
import { lasting } from './store.js';
import { locate, source } from './place.js';
import { makeApi, publish, sort } from './api.js';
import { makePort } from './port.js';
import { openSurface, settleSoon, usePort, wasm } from './load.js';

/**
 * @param {Object} config the site's policy in short form
 * @param {*} layer the first layer as a compact tree, or null where the app draws it
 * @param {?string} css the first layer's sheet
 */
export function gate(config, layer, css) {
  // Included twice: the first one works.
  if (typeof (window.sayso || {}).allows == 'function' && !window.sayso.q) return;
  if (doc('prerendering')) doc('addEventListener', 'prerenderingchange', () => start(config, layer, css), { once: true });
  else start(config, layer, css);
}

/** Everything a page view needs, in order: what is allowed opens first, then the visitor is asked. */
function start(config, layer, css) {
  const again = () => follow(recall);
  const show = () => {
    if (verdict.ask && layer) showLayer(layer, css);
  };

  begin(bare(config));
  locate(policy.base);
  usePort(makePort());
  clear();
  scan(document);
  mount(document);
  show();
  publish(makeApi(() => (verdict.ask && layer ? show() : openSurface('preferences'))));
  emit('ready', currentStatuses());
  if (verdict.ask && !layer) wasm('app').then((app) => app.mount(makePort(), 'banner'), () => {});
  // Answered for a later revision than this gate knows: the next page view gets the newer gate.
  if (verdict.newer && source) fetch(source, { cache: 'reload' }).catch(() => {});
  settleSoon();

  doc('addEventListener', 'click', click, true);
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node.nodeType == 1 && node.isConnected) {
          scan(node);
          mount(node);
        }
      }
    }
    tidy();
    show();
  }).observe(document, { childList: true, subtree: true });

  const leave = () => {
    // Loaded anew by the gate itself, with the decision in storage: the next page view signs it.
    if (!(leaving && lasting())) deliver();
  };
  doc('addEventListener', 'visibilitychange', () => {
    if (doc('visibilityState') == 'hidden') leave();
    else {
      watch();
      again();
    }
  });
  listen();
  addEventListener('pagehide', () => {
    leave();
    unlisten();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) {
      listen();
      again();
    }
  });
  addEventListener('storage', ({ key }) => {
    if (key == 'sayso.state') again();
  });
}

/** Draws the app's surfaces where the page has a place for them. */
function mount(root) {
  const places = root == document ? doc('querySelectorAll', '[data-sayso-mount]') : root.querySelectorAll('[data-sayso-mount]');
  for (const place of places) openSurface(attr(place, 'data-sayso-mount'), place);
}

/** Clicks on the first layer, on placeholders, and on whatever opens a surface. */
function click(event) {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const button = nearest(target, '[data-sayso-action]');
  const action = button && attr(button, 'data-sayso-action');
  const opener = nearest(target, '[data-sayso-open]');
  if (button && inLayer(button)) {
    const yes = action == 'give-all';
    if (action == 'preferences') openSurface(action);
    // A no may come from a script: robots refuse for people.
    else if (!yes || deliberate(event)) {
      decide({ surface: 'banner', action, choices: everyPurpose(yes ? 'g' : 'r'), inView: answersInView() });
    }
  } else if (button) {
    const frame = frameOf(button);
    if (frame && event.isTrusted) {
      if (action == 'once') load(frame);
      else decide({ surface: 'placeholder', action: 'give', ...sort(attr(frame, 'data-sayso'), 'g') });
    }
  } else if (opener) {
    event.preventDefault();
    openSurface(attr(opener, 'data-sayso-open'), null, opener.href);
  }
}
