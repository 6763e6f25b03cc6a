/**
 * The second file, loaded when something needs it: placeholders, clearing, templates, the wasm modules and what they are
 * handed. Whatever fails there, what is shut stays shut, and an answer is delivered all the same.
 */

import { SOURCES, enqueue, load, opened } from './open.js';
import { allows, gpc, known, policy, recall, state, stateText, verdict } from './state.js';
import { answer, choiceOf, decide, letterOf } from './decide.js';
import { base, credentials } from './place.js';
import { deliver, settled } from './deliver.js';
import { fail } from './page.js';
import { follow } from './change.js';
import { keepCookie, pending, read } from './store.js';

/** @type {Promise<Object>|undefined} */
let loading;

/**
 * Has the second file do something.
 * @param {string} name
 * @param {...*} parts
 * @returns {Promise<*>} undefined where it could not be done
 */
export async function late(name, ...parts) {
  try {
    loading ||= import(base + policy.files.late).then((file) =>
      file.late({
        policy,
        known,
        base,
        credentials,
        opened,
        sources: SOURCES,
        allows,
        answer,
        choiceOf,
        decide,
        enqueue,
        gpc,
        letterOf,
        load,
        pending,
        settled,
        stateText,
        heal: () => follow(recall),
        mend: () => keepCookie(state, policy.domain),
        verdict: () => verdict,
      }),
    );
    return await (await loading)[name](...parts);
  } catch (error) {
    fail('load', error);
    // Nothing will be signed now.
    deliver(true);
  }
}

/** Settles when the browser is idle, if there is anything to settle. */
export function settleSoon() {
  if (pending()[0] || /\w/.test(read('sayso.outbox'))) {
    // Where nobody knows idleness a timeout does: it takes the odd second argument for none.
    (typeof requestIdleCallback == 'function' ? requestIdleCallback : setTimeout)(() => late('settle'), { timeout: 2000 });
  }
}
