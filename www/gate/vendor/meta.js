/**
 * Meta pixel. A stub of its name would keep its own loader from loading it, so its script is gated like any other: before
 * a yes there is nothing that could be told anything. Once it is there, it hears of every change.
 */

/** Nothing to deny: the script is not there. */
export function deny() {}

/**
 * Says what is allowed now.
 * @param {Window} window
 * @param {{signals: {consent: string}}} its
 * @param {function(string): string} says `granted` or `denied`
 */
export function tell(window, its, says) {
  if (window.fbq) window.fbq('consent', says(its.signals.consent) == 'granted' ? 'grant' : 'revoke');
}
