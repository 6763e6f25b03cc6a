/** What a decision says of the policy it was made under. */

const ABOUT = ['v', 'language', 'jurisdiction', 'model', 'controller', 'notice', 'layer'];

/**
 * The members that every decision under a policy has.
 * @param {*} policy
 * @returns {Object}
 */
export const about = (policy) => Object.fromEntries(ABOUT.map((name) => [name, policy[name]]));

/**
 * Writes it into decisions of the first layer, which name the layer alone. One made under another layer than this page's
 * (on a page in another language, left at once) stays as it is: it cannot be signed here.
 * @param {Object} tools
 */
export function complete({ policy, pending, setPending }) {
  setPending(
    pending().map((decision) =>
      decision.notice || decision.layer != policy.layer ? decision : { ...about(policy), ...decision },
    ),
  );
}
