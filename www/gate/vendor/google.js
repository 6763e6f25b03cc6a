/** Google Consent Mode v2: seven signals on `dataLayer`, denied first, updated from the visitor's answer. */

/** What `consent` commands may name. None has a value by itself, and a signal that is not set counts as granted. */
const SIGNALS = [
  'ad_storage',
  'ad_user_data',
  'ad_personalization',
  'analytics_storage',
  'functionality_storage',
  'personalization_storage',
  'security_storage',
];

/** The queue's own function: Google's tags read the `arguments` object and nothing else. */
function gtag(window) {
  const layer = (window.dataLayer = window.dataLayer || []);
  return (window.gtag =
    window.gtag ||
    function () {
      layer.push(arguments);
    });
}

/**
 * Denies everything, before any tag can read it.
 * @param {Window} window
 * @param {{wait?: number, region?: string[], redact?: boolean, pass?: boolean}} its
 */
export function deny(window, its) {
  const denied = {};
  for (const name of SIGNALS) denied[name] = 'denied';
  if (its.wait) denied.wait_for_update = its.wait;
  if (its.region) denied.region = its.region;
  gtag(window)('consent', 'default', denied);
  if (its.redact) gtag(window)('set', 'ads_data_redaction', true);
  if (its.pass) gtag(window)('set', 'url_passthrough', true);
}

/**
 * Says what is allowed now. Signals that no purpose of the site stands for stay denied.
 * @param {Window} window
 * @param {{signals: Object<string, string>}} its signals and the purpose or service that each follows
 * @param {function(string): string} says `granted` or `denied`
 */
export function tell(window, its, says) {
  const now = {};
  for (const name of SIGNALS) if (its.signals[name]) now[name] = says(its.signals[name]);
  gtag(window)('consent', 'update', now);
}
