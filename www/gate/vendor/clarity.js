/** Microsoft Clarity, consent API v2. Its own loader leaves a queue of this name alone. */

function send(window, ad, analytics) {
  window.clarity =
    window.clarity ||
    function () {
      (window.clarity.q = window.clarity.q || []).push(arguments);
    };
  // The capital letter is theirs.
  window.clarity('consentv2', { ad_Storage: ad, analytics_Storage: analytics });
}

/**
 * Denies, before the tag can read it.
 * @param {Window} window
 */
export function deny(window) {
  send(window, 'denied', 'denied');
}

/**
 * Says what is allowed now. What no purpose of the site stands for stays denied.
 * @param {Window} window
 * @param {{signals: {ad_storage?: string, analytics_storage?: string}}} its
 * @param {function(string): string} says `granted` or `denied`
 */
export function tell(window, its, says) {
  send(window, says(its.signals.ad_storage), says(its.signals.analytics_storage));
}
