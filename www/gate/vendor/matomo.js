/** Matomo: no request before consent, or no cookie before it, as the site chose. The gate remembers, Matomo need not. */

const push = (window, command) => (window._paq = window._paq || []).push([command]);
const kind = ({ cookies }) => (cookies ? 'CookieConsent' : 'Consent');

/**
 * Asks for consent first; must come before the page's `trackPageView`.
 * @param {Window} window
 * @param {{cookies?: boolean}} its whether only cookies wait for consent
 */
export function deny(window, its) {
  push(window, 'require' + kind(its));
}

/**
 * Says what is allowed now.
 * @param {Window} window
 * @param {{signals: {consent: string}, cookies?: boolean}} its
 * @param {function(string): string} says `granted` or `denied`
 */
export function tell(window, its, says) {
  const given = says(its.signals.consent) == 'granted';
  push(window, given ? 'set' + kind(its) + 'Given' : 'forget' + kind(its) + 'Given');
}
