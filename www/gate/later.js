/**
 * The second file, loaded when something needs it: placeholders, clearing, templates, the wasm modules and what they
 * are handed. Whatever fails there, what is shut stays shut, and an answer is delivered all the same.
 */

import { base } from './place.js';
import { decide } from './decide.js';
import { deliver } from './deliver.js';
import { enqueue, load, opened } from './open.js';
import { doc, fail, idle } from './page.js';
import { follow } from './change.js';
import { pending, read, setPending } from './store.js';
import { allows, gpc, policy, recall, stateText } from './state.js';

/** @type {Promise<Object>|undefined} */
let loading;
let missing = false;

/**
 * Has the second file do something.
 * @param {string} name
 * @param {...*} parts
 * @returns {Promise<*>} undefined where it could not be done
 */
export async function late(name, ...parts) {
  let file;
  try {
    // By position: names would cost every page view.
    loading ||= import(base() + policy.late).then((module) =>
      module.late(
        module.config,
        base(),
        decide,
        deliver,
        enqueue,
        gpc,
        () => follow(recall),
        load,
        opened,
        pending,
        setPending,
        stateText,
      ),
    );
    file = await loading;
  } catch (error) {
    // Nothing will be signed on this page.
    if (!missing) {
      missing = true;
      fail('load', error);
      deliver(true);
    }
    return;
  }
  return file[name](...parts);
}

/**
 * When the browser is idle: has what there is to settle settled and, where a page view begins, what shut services left
 * cleared. Not more often: what cannot be cleared is no reason to shut a frame that was allowed once. Where there is
 * nothing to look for, no idle moment is asked for: asking takes longer than looking.
 * @param {boolean} [begins]
 */
export function tidySoon(begins) {
  const left = policy.purposes
    .flatMap(({ services }) => services || [])
    .flatMap(({ id, left }) => (begins && !allows(id) && left) || []);
  // An outbox that is empty may be written `[]`.
  const unsettled = pending()[0] || read('sayso.outbox')[2];
  if (!left[0] && !unsettled) return;
  idle(() => {
    // The second file looks closer. Blocked storage holds nothing.
    try {
      let names;
      const found = (name) =>
        (names ||= doc('cookie') + Object.keys(localStorage) + Object.keys(sessionStorage)).includes(name);
      if (left.some(found)) late('shut');
    } catch {}
    if (unsettled) late('settle');
  });
}
