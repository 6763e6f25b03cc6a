/**
 * The gate: nothing that needs an answer happens before it, and what was answered happens at once.
 *
 * The build joins these modules in import order into one function expression and calls it with the site's data, so a
 * page pays for one small script. What can wait is in `late.js`, a file of its own.
 */

import { answerAll } from './decide.js';
import { answersInView, deliberate, hideLayer, inLayer, showLayer } from './layer.js';
import { attr, doc, emit, listen, nearest } from './page.js';
import { begin, inform, recall, verdict } from './state.js';
import { deliver } from './deliver.js';
import { follow, held, hold, leaving, release } from './change.js';
import { unkept } from './store.js';
import { late, tidySoon } from './later.js';
import { publish } from './api.js';
import { scan } from './open.js';

/**
 * @param {Object} config the site's policy in short form, its objects without prototypes: what is not in it is not there
 * @param {*} layer the first layer as a compact tree, or null where the app draws it
 * @param {?string} css the first layer's sheet
 * @param {function(*): function} [vendors] what tells the tags of declared vendors, see vendor/signal.js
 */
export function gate(config, layer, css, vendors) {
  const again = () => follow(recall);
  const hear = () => listen('storage', again);
  const look = () => {
    if (held) return;
    scan();
    if (verdict.ask[0] && layer) showLayer(layer, css);
  };
  const leave = () => {
    release();
    // Loaded anew by the gate itself, with the decision in storage: the next page view signs it.
    if (unkept || !leaving) deliver();
  };
  // Everything a page view needs, in order: what is allowed opens first, then the visitor is asked.
  const start = () => {
    begin(config, vendors);
    inform();
    look();
    publish(stub);
    emit('ready', verdict.status);
    if (verdict.ask[0] && !layer) late('mount', 'banner');
    // Answered for a later revision than this gate knows: the next page view gets the newer gate.
    if (verdict.newer[0]) late('renew');
    tidySoon(true);

    new MutationObserver(look).observe(document, { childList: true, subtree: true });
    // Nothing follows the page's last element.
    listen('DOMContentLoaded', look);
    listen('click', click);
    listen('visibilitychange', () => {
      if (doc('visibilityState') == 'hidden') leave();
      else again();
    });
    listen('pagehide', leave);
    // Back from the browser's back/forward cache, what was read may be old; a page just loaded has read it.
    listen('pageshow', (event) => event.persisted && again());
    // Hearing of storage opens it, and nobody answers elsewhere while this page has the focus.
    listen('blur', hear);
    doc('hasFocus') || hear();
  };

  // The snippet's stub, or the gate itself, included twice: then the first one works. Its own property of the window: an
  // element of this name is none.
  const stub = Object.getOwnPropertyDescriptor(window, 'sayso')?.value;
  if (stub?.allows && !stub.q) return;
  // Denied defaults come first, also in a page that is prerendered.
  vendors = vendors?.(stub?.q);
  if (doc('prerendering')) listen('prerenderingchange', start);
  else start();
}

/** Clicks on the first layer, and on whatever opens a surface. */
function click(event) {
  const button = nearest(event, 'data-sayso-action');
  const opener = nearest(event, 'data-sayso-open');
  if (inLayer(button)) {
    const action = attr(button, 'data-sayso-action');
    if (action == 'preferences') late('open', action);
    // A no may come from a script: robots refuse for people.
    else if (action != 'give-all' || deliberate(event)) {
      const inView = answersInView();
      hideLayer();
      hold(() => answerAll(action, inView));
      // A script does not wait for a paint, which a tab that is not in front never has.
      event.isTrusted || release();
    }
  } else if (opener) {
    event.preventDefault();
    // Where the app cannot be loaded, the link leads where it says.
    late('open', attr(opener, 'data-sayso-open'), opener.href).then(
      (done) => done || !opener.href || location.assign(opener.href),
    );
  }
}
