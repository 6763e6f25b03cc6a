/** Microsoft Advertising (UET): one signal, which counts as granted where no default was set. */

const push = (window, ...parts) => (window.uetq = window.uetq || []).push('consent', ...parts);

/**
 * Denies, before the tag can read it.
 * @param {Window} window
 */
export function deny(window) {
  push(window, 'default', { ad_storage: 'denied' });
}

/**
 * Says what is allowed now.
 * @param {Window} window
 * @param {{signals: {ad_storage: string}}} its
 * @param {function(string): string} says `granted` or `denied`
 */
export function tell(window, its, says) {
  push(window, 'update', { ad_storage: says(its.signals.ad_storage) });
}
