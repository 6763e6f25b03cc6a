/**
 * Elements from the compact tree that the build makes of the rendered first layer: a node is a text, or `["tag",
 * {attributes} | 0, ...children]`. No HTML text is ever parsed here.
 */

import { doc } from './page.js';

/**
 * @param {*} node
 * @returns {Node|string}
 */
export function make(node) {
  if (typeof node == 'string') return node;
  const [tag, attributes, ...children] = node;
  const element = doc('createElement', tag);
  for (const pair of Object.entries(attributes)) element.setAttribute(...pair);
  element.append(...children.map(make));
  return element;
}
